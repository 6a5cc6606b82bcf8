import { z } from 'zod';
import { milliseconds, PositiveDuration } from '../values/duration.ts';
import { ConnectionDestination } from './destination.ts';
import { ConnectionMatches } from './tcp.ts';

/** A rule for datagrams: the first rule that matches serves the session of a client. */
export const UdpRule = z
  .strictObject({
    match: ConnectionMatches,
    route: z
      .array(ConnectionDestination)
      .length(1)
      .describe(
        'Where datagrams go. All datagrams of one client address and port go to the same endpoint, until none has come for `idleTimeout`. Datagrams cannot be split by weight: weigh the endpoints of the upstream instead.',
      ),
    idleTimeout: PositiveDuration.refine((text) => (milliseconds(text) ?? 0) <= 600_000, 'must be at most 10m')
      .optional()
      .describe(
        'How long a session lasts after the last datagram, of either direction; default and usual for clients behind NAT: 1m. A client that asks from a new port each time, as for DNS, opens a session each time, and a few seconds are enough. Of the rules of one port, the longest counts.',
      ),
  })
  .meta({
    id: 'UdpRule',
    description: 'Which datagrams, and where they go.',
    example: { match: [{ port: 53 }], route: [{ destination: { upstream: 'resolvers' } }], idleTimeout: '2s' },
  });
export type UdpRule = z.infer<typeof UdpRule>;
