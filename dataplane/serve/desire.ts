import { passed } from '../../wire/milestones.ts';
import { parseClusterName } from '../compile/index.ts';
import { TYPES, type XdsResource } from '../xds/resource.ts';
import type { Stream } from '../xds/stream.ts';
import type { Catalogue } from './catalogue.ts';
import type { ClusterUse } from './cluster-use.ts';
import { needs } from './failure.ts';
import type { Lane } from './lane.ts';
import type { Desired } from './lane-options.ts';
import type { Owners } from './owners.ts';
import type { RouteAnswers } from './route-answers.ts';

export interface DesireOptions {
  catalogue: Catalogue;
  stream: Stream;
  /** Unix socket of the client's probe listener. */
  probe: string | undefined;
  owners: Owners;
  use: ClusterUse;
  routes: () => RouteAnswers;
  lanes: { cds: Lane; eds: Lane; rds: Lane };
}

/**
 * What one client should hold under each name, and when it may be said: a cluster and its endpoints before the routes that send
 * requests there, and away only after the last of them.
 */
export class Desire {
  readonly #options: DesireOptions;

  constructor(options: DesireOptions) {
    this.#options = options;
  }

  /** Every listener of the fleet; undefined until the fleet is known. */
  listeners(): ReadonlyMap<string, XdsResource> | undefined {
    const { catalogue, probe } = this.#options;
    return catalogue.listeners(probe ? { probe } : {});
  }

  listener(name: string): Desired {
    const listeners = this.listeners();
    if (!listeners) return 'later';
    return listeners.get(name) ?? this.#orAbsent(this.#options.catalogue.apiListener(name));
  }

  /**
   * @param name a scope's key; or its bare name, which nothing is known by, when it was never told on this stream
   * @param target the name of its RouteConfiguration that this client's scope points to
   */
  scope(name: string, target: string): Desired {
    return this.#orAbsent(this.#options.catalogue.scope(name, target));
  }

  cluster(name: string): Desired {
    const { catalogue, stream, owners, use } = this.#options;
    const { cds, eds } = this.#options.lanes;
    owners.own(TYPES.cluster, name, parseClusterName(name).tenant);
    const wanted = use.wanted(name) || (!stream.wildcard(TYPES.cluster) && stream.subscribed(TYPES.cluster, name));
    const cluster = wanted ? catalogue.cluster(name) : undefined;
    // Deleted, but routes that Envoy holds still send requests there: it goes with the last of them.
    if (wanted && !cluster && cds.mayHold(name)) return 'keep';
    const desired = this.#orAbsent(cluster);
    if (desired === 'absent') {
      owners.forget(TYPES.cluster, name);
      // Envoy drops the endpoints with the cluster; should it come back, they must come again before its routes.
      eds.sent.delete(name);
    } else if (typeof desired === 'object' && cds.sent.get(name) !== desired.version && eds.sent.has(name)) {
      // A changed cluster warms anew, and warms only when its endpoints come again.
      // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#resource-warming
      eds.ask(name);
    }
    return desired;
  }

  endpoints(name: string): Desired {
    this.#options.owners.own(TYPES.endpoints, name, parseClusterName(name).tenant);
    return this.#orAbsent(this.#options.catalogue.endpoints(name));
  }

  routes(key: string): Desired {
    const { catalogue, stream, owners, use } = this.#options;
    const answers = this.#options.routes();
    const routes = answers.current(key);
    if (!routes.tenant && !catalogue.complete) return 'later';
    passed('compiled', routes.tenant);
    if (routes.tenant) owners.own(TYPES.routes, key, routes.tenant);
    // A client that asks for clusters by name asks once it has read the routes.
    if (!stream.wildcard(TYPES.cluster)) return routes.resource;
    use.claim(key, routes.clusters);
    this.#options.lanes.cds.flush();
    if (answers.isHeld(key)) this.#assertUsable(routes.clusters);
    return routes.clusters.every((cluster) => this.#isReady(cluster)) ? routes.resource : 'later';
  }

  secret(name: string): Desired {
    const { catalogue, owners } = this.#options;
    const found = catalogue.secret(name);
    if (found) owners.own(TYPES.secret, name, found.tenant);
    else owners.forget(TYPES.secret, name);
    return this.#orAbsent(found?.resource);
  }

  /** A cluster or its endpoints are on the stream, so routes that wait for them may be said. */
  reconsiderRoutes(cluster: string): void {
    const { use, lanes } = this.#options;
    for (const key of use.users(cluster)) lanes.rds.reconsider(key);
  }

  /**
   * A client that holds no routes gets those that are current, so that the paths to other clusters work.
   *
   * @throws Error when one of them cannot be used: the client keeps the routes that it holds
   */
  #assertUsable(clusters: readonly string[]): void {
    for (const cluster of clusters) {
      const reason = this.#options.use.failed(cluster);
      if (reason !== undefined) throw new Error(needs(cluster, reason));
    }
  }

  /** Whether requests may be sent to a cluster once Envoy has read what is already on the stream. */
  #isReady(cluster: string): boolean {
    const { catalogue, use, lanes } = this.#options;
    if (use.failed(cluster) !== undefined) return true;
    if (!lanes.cds.sent.has(cluster)) return !catalogue.cluster(cluster);
    return catalogue.endpoints(cluster) === undefined || lanes.eds.mayHold(cluster);
  }

  #orAbsent(resource: XdsResource | undefined): Desired {
    if (resource) return resource;
    return this.#options.catalogue.complete ? 'absent' : 'later';
  }
}
