import type { Server } from '../kinds/gateway.ts';

/**
 * What becomes of TLS connections to a server: it reads their requests; it passes them through without decrypting them,
 * to the destination of a rule or to the upstream that the server name names (`automatic`); or it decrypts them and
 * forwards what they carry.
 */
export type Handling = 'requests' | 'passthrough' | 'automatic' | 'decrypted';

/** Returns what becomes of TLS connections to a server. */
export function handlingOf({ port, tls }: Pick<Server, 'port' | 'tls'>): Handling {
  if (tls?.mode === 'PASSTHROUGH') return 'passthrough';
  if (tls?.mode === 'AUTO_PASSTHROUGH') return 'automatic';
  return port.protocol === 'TLS' ? 'decrypted' : 'requests';
}
