import type { CompiledListener, RoutesForm } from '../compile/index.ts';
import type { XdsResource } from '../xds/resource.ts';
import type { Client } from './client.ts';
import type { Target } from './sending/lane-options.ts';

/**
 * The role of an xDS client: an Envoy at the edge of a fleet, an Envoy beside a service (sidecar), or a gRPC client that
 * speaks xDS itself (proxyless).
 */
export type Role = 'edge' | 'sidecar' | 'proxyless';

/** How clients of one role see the fleet. A client keeps its view for as long as its stream is open. */
export interface View {
  readonly role: Role;
  /** Returns the listeners that a wildcard subscription gets; undefined until the fleet is known. */
  listeners(client: Client): ReadonlyMap<string, CompiledListener> | undefined;
  /** The target state of a listener. */
  listener(client: Client, name: string): Target;
  /** Returns the form of a cluster for the client; undefined when the client gets no such cluster. */
  cluster(resource: XdsResource): XdsResource | undefined;
  /** The forms in which the client may hold the routes of a host. A name of another form has no routes. */
  readonly forms: readonly RoutesForm[];
  /**
   * Whether clusters and endpoints are sent before the routes that use them. Otherwise the client requests them later.
   */
  readonly getsClustersFirst: boolean;
  /** Whether the client may have the routes of a scope. @param key the scope key */
  hasScope(key: string): boolean;
  /** Whether the client decrypts connections, and so gets the certificates of server names. */
  readonly terminatesTls: boolean;
  /** Whether the client finds its routes by scopes. It has then caught up only once it has all scopes. */
  readonly usesScopes: boolean;
}
