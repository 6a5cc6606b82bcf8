import { z } from 'zod';

/**
 * The protocols of a fleet's ports: what Envoy's listener speaks with clients. TypeScript reports code that handles only
 * some of them.
 */
export const Protocol = z.enum(['HTTP', 'HTTPS', 'TLS', 'TCP', 'UDP', 'MONGO', 'MYSQL', 'POSTGRES', 'REDIS']);
export type Protocol = z.infer<typeof Protocol>;

/** The protocols that a server of a gateway may name. {@link protocolsFor} tells which ports can serve them. */
export const ServerProtocol = z.enum([
  'HTTP',
  'HTTPS',
  'GRPC',
  'GRPC-WEB',
  'HTTP2',
  'TCP',
  'TLS',
  'UDP',
  'MONGO',
  'MYSQL',
  'REDIS',
  'POSTGRES',
]);
export type ServerProtocol = z.infer<typeof ServerProtocol>;

/** Whether clients of a listener with this protocol speak TLS to it. */
export const isSecured: Readonly<Record<Protocol, boolean>> = {
  HTTP: false,
  HTTPS: true,
  TLS: true,
  TCP: false,
  UDP: false,
  MONGO: false,
  MYSQL: false,
  POSTGRES: false,
  REDIS: false,
};

/** Whether a server with this protocol has TLS settings. */
export const tlsOf: Readonly<Record<ServerProtocol, 'required' | 'optional' | 'none'>> = {
  HTTP: 'none',
  HTTPS: 'required',
  GRPC: 'optional',
  'GRPC-WEB': 'optional',
  HTTP2: 'optional',
  TCP: 'none',
  TLS: 'required',
  UDP: 'none',
  MONGO: 'none',
  MYSQL: 'none',
  REDIS: 'none',
  POSTGRES: 'none',
};

/**
 * Returns the protocols of the ports that can serve a server. GRPC, GRPC-WEB and HTTP2 are HTTP, or HTTPS when the server
 * has `tls`: one port carries all of them. A port for HTTPS also carries TLS servers, because the server name tells their
 * connections apart.
 */
export function protocolsFor(protocol: ServerProtocol, hasTls: boolean): readonly Protocol[] {
  if (protocol === 'TLS') return ['TLS', 'HTTPS'];
  if (protocol === 'GRPC' || protocol === 'GRPC-WEB' || protocol === 'HTTP2') return hasTls ? ['HTTPS'] : ['HTTP'];
  return [protocol];
}

/** The transport protocol of a port. The same number may be open for both. */
export type Transport = 'tcp' | 'udp';

/**
 * The transport of the protocols whose clients do not send a host name. A port with such a protocol belongs to one
 * tenant, because nothing in a connection distinguishes tenants. The other protocols have no entry.
 */
const unnamed: Readonly<Partial<Record<Protocol | ServerProtocol, Transport>>> = {
  TCP: 'tcp',
  UDP: 'udp',
  MONGO: 'tcp',
  MYSQL: 'tcp',
  POSTGRES: 'tcp',
  REDIS: 'tcp',
};

/** Whether clients of the protocol send the name of the host that they want: in a Host header or as server name. */
export const sendsHost = (protocol: Protocol | ServerProtocol): boolean => unnamed[protocol] === undefined;

/** Returns the transport protocol of a port with this protocol. */
export const transportOf = (protocol: Protocol | ServerProtocol): Transport => unnamed[protocol] ?? 'tcp';
