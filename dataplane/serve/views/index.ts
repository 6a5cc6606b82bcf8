import type { Node } from '../../xds/stream.ts';
import type { Role, View } from '../view.ts';
import { edge } from './edge.ts';
import { proxyless } from './proxyless.ts';

/** One view for each role. */
const views: Record<Role, View> = { edge, proxyless };

/**
 * Decides what a client is, once per stream. Envoys and gRPC clients identify themselves by user agent: `envoy/1.40.0`,
 * `gRPC Go/…`. For any other client its first subscription decides: only an Envoy has no need to name listeners.
 *
 * @param asksForListeners whether the first subscription is one to listeners by name
 */
export function viewOf({ userAgent }: Pick<Node, 'userAgent'>, asksForListeners: boolean): View {
  if (/^envoy\b/i.test(userAgent)) return views.edge;
  if (/^grpc/i.test(userAgent)) return views.proxyless;
  return asksForListeners ? views.proxyless : views.edge;
}
