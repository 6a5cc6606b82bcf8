import { handlingOf } from '../binding/handling.ts';
import type { Server } from '../kinds/gateway.ts';
import { sendsHost, transportOf } from '../values/protocol.ts';

/** The sections of a route. */
export const SECTIONS = ['http', 'tls', 'tcp', 'udp'] as const;
/** One of them. */
export type Section = (typeof SECTIONS)[number];

/** Whether rules of a section serve the requests or connections of a server. */
export function servesSection(server: Server, section: Section): boolean {
  const { port, tls } = server;
  if (!sendsHost(port.protocol)) return section === transportOf(port.protocol);
  const handling = handlingOf(server);
  if (section === 'http') return handling === 'requests' && tls?.httpsRedirect !== true;
  return handling === 'decrypted' ? section !== 'udp' : handling === 'passthrough' && section === 'tls';
}
