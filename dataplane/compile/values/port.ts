import type { Fleet } from '../../../model/fleet.ts';
import type { Protocol } from '../../../model/values/protocol.ts';

/** The protocol of a listener. HTTP3 is served on the UDP port with the numbers of an HTTPS port. */
export type ListenerProtocol = Protocol | 'HTTP3';

/** The port of a listener: a port of a fleet, or the UDP port beside an HTTPS port. */
export type Port = Omit<Fleet['ports'][number], 'protocol'> & { protocol: ListenerProtocol };
