import { parseRoutesName } from '../../compile/index.ts';
import type { ClusterUse } from './cluster-use.ts';
import type { ScopeSync } from './scope-sync.ts';

/** Records when each loaded host of one client was last used, and evicts idle hosts. */
export class Eviction {
  readonly #use: ClusterUse;
  readonly #scopes: ScopeSync;
  /** The time of last use in ms (`performance.now`), by name of the routes. The longest idle routes are first. */
  readonly #lastUse = new Map<string, number>();

  constructor(use: ClusterUse, scopes: ScopeSync) {
    this.#use = use;
    this.#scopes = scopes;
  }

  /** Notes that routes were used. Loading counts as use, because Envoy loads routes only for a request. */
  used(routes: string, now = performance.now()): void {
    this.#lastUse.delete(routes);
    this.#lastUse.set(routes, now);
  }

  released(routes: string): void {
    this.#lastUse.delete(routes);
  }

  /**
   * Evicts every host that had no requests for `idle` milliseconds. The host's scope then points to the other name of
   * the routes, so Envoy drops the loaded RouteConfiguration and its clusters. Requests find the host at all times.
   *
   * @param clusters the clusters that had requests since the last call
   * @returns the number of evicted hosts
   */
  run(clusters: readonly string[], idle: number): number {
    const now = performance.now();
    // Listeners use clusters too, but are not evicted.
    for (const cluster of clusters)
      for (const user of this.#use.users(cluster)) if (this.#lastUse.has(user)) this.used(user, now);
    let evicted = 0;
    for (const [routes, at] of this.#lastUse) {
      if (now - at < idle) break;
      const { key, form } = parseRoutesName(routes);
      // The scope no longer points to this name, so the client is about to drop it.
      if (form === 'grpc' || this.#scopes.target(key) !== routes) continue;
      this.#scopes.repoint(key);
      evicted++;
    }
    return evicted;
  }
}
