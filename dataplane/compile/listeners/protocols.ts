import type { ListenerProtocol } from '../values/port.ts';
import { http } from './http.ts';
import { http3 } from './http3.ts';
import { https } from './https.ts';
import type { ListenerKind } from './listener.ts';
import { tcp } from './tcp.ts';
import { tls } from './tls.ts';
import { udp } from './udp.ts';

/** The listeners of each protocol. TypeScript reports a protocol that has no entry. */
export const byProtocol: Record<ListenerProtocol, ListenerKind> = {
  HTTP: http,
  HTTPS: https,
  TLS: tls,
  HTTP3: http3,
  TCP: tcp,
  UDP: udp,
  MONGO: tcp,
  MYSQL: tcp,
  POSTGRES: tcp,
  REDIS: tcp,
};
