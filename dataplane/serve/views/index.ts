import type { AgentSettings } from '../../settings.ts';
import type { Node } from '../../xds/stream.ts';
import type { View } from '../view.ts';
import { edge } from './edge.ts';
import { proxyless } from './proxyless.ts';
import { sidecar } from './sidecar.ts';

/**
 * Chooses the view of a client, once per stream. Envoys and gRPC clients identify themselves by user agent:
 * `envoy/1.40.0`, `gRPC Go/…`. For any other client, the first subscription decides: gRPC clients
 * subscribe to listeners by name, and Envoys subscribe to all listeners.
 *
 * @param namesListeners whether the first subscription names listeners
 * @param envoys the view of Envoys, which depends on the role of the agent
 */
export function viewOf({ userAgent }: Pick<Node, 'userAgent'>, namesListeners: boolean, envoys: View = edge): View {
  if (/^envoy\b/i.test(userAgent)) return envoys;
  if (/^grpc/i.test(userAgent)) return proxyless;
  return namesListeners ? proxyless : envoys;
}

/** Returns the view of the Envoys of an agent. */
export const envoyView = ({ role, outbound }: Pick<AgentSettings, 'role' | 'outbound'>): View =>
  role === 'sidecar' ? sidecar(outbound) : edge;
