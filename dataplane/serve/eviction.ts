import { parseRoutesName } from '../compile/index.ts';
import type { ClusterUse } from './cluster-use.ts';
import type { ScopeSync } from './scope-sync.ts';

/** Keeps when each host that one client has loaded was last used, and evicts those that are idle. */
export class Eviction {
  readonly #use: ClusterUse;
  readonly #scopes: ScopeSync;
  /** When routes were last seen in use, in ms, by name; the longest idle first. */
  readonly #lastUse = new Map<string, number>();

  constructor(use: ClusterUse, scopes: ScopeSync) {
    this.#use = use;
    this.#scopes = scopes;
  }

  /** Loading counts as use: nothing is loaded without a request. */
  used(routes: string, now = performance.now()): void {
    this.#lastUse.delete(routes);
    this.#lastUse.set(routes, now);
  }

  released(routes: string): void {
    this.#lastUse.delete(routes);
  }

  /**
   * Evicts every host that was idle for as long as `idle` (ms). Its scope gets a new route name, so Envoy drops the old
   * RouteConfiguration and its clusters. A request finds the host at every moment.
   *
   * @param clusters those that had requests since the last call
   * @returns how many hosts
   */
  run(clusters: readonly string[], idle: number): number {
    const now = performance.now();
    // Listeners use clusters too, and are not evicted.
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
