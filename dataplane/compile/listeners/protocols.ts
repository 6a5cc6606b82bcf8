import { http } from './http.ts';
import { https } from './https.ts';
import type { ListenerKind, Port } from './listener.ts';
import { mongo, tcp } from './tcp.ts';
import { tls } from './tls.ts';
import { udp } from './udp.ts';

/** The listeners of each protocol. TypeScript reports a protocol that has no entry. */
export const byProtocol: Record<Port['protocol'], ListenerKind> = {
  HTTP: http,
  HTTPS: https,
  TLS: tls,
  TCP: tcp,
  UDP: udp,
  MONGO: mongo,
  MYSQL: tcp,
  POSTGRES: tcp,
  REDIS: tcp,
};
