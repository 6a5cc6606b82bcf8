import type { Lane } from './lane.ts';

/** Which routes of one client use which clusters. A cluster is there from before its first route until after its last. */
export class ClusterUse {
  readonly #lane: Lane;
  readonly #byRoutes = new Map<string, Set<string>>();
  readonly #byCluster = new Map<string, Set<string>>();
  /** Held by a client that reconnected; its routes are yet to ask for them. */
  readonly #adopted = new Set<string>();
  readonly #failed = new Set<string>();

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  wanted(cluster: string): boolean {
    return this.#byCluster.has(cluster) || this.#adopted.has(cluster);
  }

  users(cluster: string): string[] {
    return [...(this.#byCluster.get(cluster) ?? [])];
  }

  /** The client refused the cluster as it is now. */
  fail(cluster: string): void {
    this.#failed.add(cluster);
  }

  failed(cluster: string): boolean {
    return this.#failed.has(cluster);
  }

  /** These clusters will be used too; those used so far stay until {@link settle}. */
  claim(routes: string, clusters: readonly string[]): void {
    const used = this.#byRoutes.get(routes) ?? new Set<string>();
    this.#byRoutes.set(routes, used);
    for (const cluster of clusters) {
      this.#adopted.delete(cluster);
      if (used.has(cluster)) continue;
      used.add(cluster);
      const users = this.#byCluster.get(cluster) ?? new Set<string>();
      this.#byCluster.set(cluster, users);
      users.add(routes);
      if (!this.#lane.sent.has(cluster)) this.#lane.mark(cluster);
    }
  }

  /** The client has taken the routes that use exactly these. */
  settle(routes: string, clusters: readonly string[]): void {
    const kept = new Set(clusters);
    for (const cluster of this.#byRoutes.get(routes) ?? []) if (!kept.has(cluster)) this.#drop(routes, cluster);
  }

  release(routes: string): void {
    for (const cluster of [...(this.#byRoutes.get(routes) ?? [])]) this.#drop(routes, cluster);
    this.#byRoutes.delete(routes);
  }

  adopt(clusters: Iterable<string>): void {
    for (const cluster of clusters) if (!this.#byCluster.has(cluster)) this.#adopted.add(cluster);
  }

  dropAdopted(): void {
    for (const cluster of this.#adopted) this.#lane.mark(cluster);
    this.#adopted.clear();
  }

  /** The tenant changed: what failed may hold now. */
  retry(cluster: string): void {
    this.#failed.delete(cluster);
  }

  #drop(routes: string, cluster: string): void {
    this.#byRoutes.get(routes)?.delete(cluster);
    const users = this.#byCluster.get(cluster);
    users?.delete(routes);
    if (users?.size !== 0) return;
    this.#byCluster.delete(cluster);
    this.#failed.delete(cluster);
    this.#lane.mark(cluster);
  }
}
