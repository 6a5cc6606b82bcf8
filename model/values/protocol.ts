import { z } from 'zod';

/** The protocols that a listener can speak with clients. TypeScript reports code that handles only some of them. */
export const Protocol = z.enum(['HTTP', 'HTTPS', 'TCP', 'UDP', 'MONGO', 'MYSQL', 'POSTGRES', 'REDIS']);
export type Protocol = z.infer<typeof Protocol>;

/** Whether clients of a listener with this protocol speak TLS to it. */
export const isSecured: Readonly<Record<Protocol, boolean>> = {
  HTTP: false,
  HTTPS: true,
  TCP: false,
  UDP: false,
  MONGO: false,
  MYSQL: false,
  POSTGRES: false,
  REDIS: false,
};

/** The transport protocol of a port. The same number may be open for both. */
export type Transport = 'tcp' | 'udp';

/**
 * The transport of the protocols whose clients do not send a host name. A port with such a protocol belongs to one
 * tenant, because nothing in a connection distinguishes tenants. The other protocols have no entry.
 */
const unnamed: Readonly<Partial<Record<Protocol, Transport>>> = {
  TCP: 'tcp',
  UDP: 'udp',
  MONGO: 'tcp',
  MYSQL: 'tcp',
  POSTGRES: 'tcp',
  REDIS: 'tcp',
};

/** Whether clients of the protocol send the name of the host that they want: in a Host header or as server name. */
export const sendsHost = (protocol: Protocol): boolean => unnamed[protocol] === undefined;

/** Returns the transport protocol of a port with this protocol. */
export const transportOf = (protocol: Protocol): Transport => unnamed[protocol] ?? 'tcp';
