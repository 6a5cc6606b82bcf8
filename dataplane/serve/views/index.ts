import type { Node } from '../../xds/stream.ts';
import type { Role, View } from '../view.ts';
import { edge } from './edge.ts';
import { proxyless } from './proxyless.ts';

/** The view of each role. */
const views: Record<Role, View> = { edge, proxyless };

/**
 * Chooses the view of a client, once per stream. Envoys and gRPC clients identify themselves by user agent:
 * `envoy/1.40.0`, `gRPC Go/…`. For any other client, the first subscription decides: gRPC clients
 * subscribe to listeners by name, and Envoys subscribe to all listeners.
 *
 * @param namesListeners whether the first subscription names listeners
 */
export function viewOf({ userAgent }: Pick<Node, 'userAgent'>, namesListeners: boolean): View {
  if (/^envoy\b/i.test(userAgent)) return views.edge;
  if (/^grpc/i.test(userAgent)) return views.proxyless;
  return namesListeners ? views.proxyless : views.edge;
}
