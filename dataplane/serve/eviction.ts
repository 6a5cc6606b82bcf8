import { parseRoutesName } from '../compile/index.ts';
import type { ClusterUse } from './cluster-use.ts';
import type { ScopeSync } from './scope-sync.ts';

/** Which of the hosts that one client has loaded are in use, and the way out for the others. */
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
   * RouteConfiguration and its clusters. At no moment does a request find no host.
   *
   * @param clusters that had requests since the last time
   * @returns how many hosts
   */
  run(clusters: readonly string[], idle: number): number {
    const now = performance.now();
    for (const cluster of clusters) for (const routes of this.#use.users(cluster)) this.used(routes, now);
    let evicted = 0;
    for (const [routes, at] of this.#lastUse) {
      if (now - at < idle) break;
      const { key, form } = parseRoutesName(routes);
      // A name that the scope points away from already is on its way out.
      if (form === 'grpc' || this.#scopes.target(key) !== routes) continue;
      this.#scopes.repoint(key);
      evicted++;
    }
    return evicted;
  }
}
