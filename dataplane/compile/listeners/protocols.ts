import { http } from './http.ts';
import { https } from './https.ts';
import type { ListenerKind, Port } from './listener.ts';

/** One entry per protocol: a protocol without one is a type error. */
export const byProtocol: Record<Port['protocol'], ListenerKind> = {
  HTTP: http,
  HTTPS: https,
};
