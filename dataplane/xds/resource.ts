import { typeUrl } from '../envoy/any.ts';

/** The resource types the data plane serves. */
export const TYPES = {
  listener: typeUrl('envoy.config.listener.v3.Listener'),
  scope: typeUrl('envoy.config.route.v3.ScopedRouteConfiguration'),
  routes: typeUrl('envoy.config.route.v3.RouteConfiguration'),
  cluster: typeUrl('envoy.config.cluster.v3.Cluster'),
  endpoints: typeUrl('envoy.config.endpoint.v3.ClusterLoadAssignment'),
  secret: typeUrl('envoy.extensions.transport_sockets.tls.v3.Secret'),
} as const;

export type TypeUrl = (typeof TYPES)[keyof typeof TYPES];

const KNOWN: ReadonlySet<string> = new Set(Object.values(TYPES));

export function isServed(type: string): type is TypeUrl {
  return KNOWN.has(type);
}

/** One version of one resource, encoded once and shared by every stream. */
export interface XdsResource {
  readonly name: string;
  /** Changes exactly when `body` does: a hash of the content. */
  readonly version: string;
  /** The encoded google.protobuf.Any. */
  readonly body: Buffer;
}
