import type { XdsResource } from '../../xds/resource.ts';
import type { Lane } from '../sending/lane.ts';

/**
 * Records which routes and listeners of one client use which clusters. The client gets a cluster before the first route
 * to the cluster. The cluster is removed after the last route to it.
 */
export class ClusterUse {
  readonly #lane: Lane;
  readonly #byRoutes = new Map<string, Set<string>>();
  readonly #byCluster = new Map<string, Set<string>>();
  /** Clusters that the client held when it reconnected, and that no routes of this stream use yet. */
  readonly #adopted = new Set<string>();
  /** Clusters that the client cannot use, with the reason. */
  readonly #failed = new Map<string, string>();
  /** The endpoints that the client accepted last. */
  readonly #endpoints = new Map<string, XdsResource>();
  /** Clusters that were sent before the client reported which endpoints it holds. */
  readonly #sentFirst = new Set<string>();

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  /** Whether the client needs the cluster. */
  wanted(cluster: string): boolean {
    return this.#byCluster.has(cluster) || this.#adopted.has(cluster);
  }

  /** The names of the routes and listeners that use the cluster. */
  users(cluster: string): string[] {
    return [...(this.#byCluster.get(cluster) ?? [])];
  }

  /**
   * Notes that the client cannot use the current version of the cluster.
   *
   * @param reason completes "it needs the cluster x, which …"
   */
  fail(cluster: string, reason: string): void {
    this.#failed.set(cluster, reason);
  }

  /** Returns why the client cannot use the cluster; undefined when no failure is known. */
  failed(cluster: string): string | undefined {
    return this.#failed.get(cluster);
  }

  /** Notes that the client accepted these endpoints. */
  accepted(cluster: string, endpoints: XdsResource): void {
    if (this.wanted(cluster)) this.#endpoints.set(cluster, endpoints);
  }

  /** Returns the endpoints that the client accepted last. */
  lastEndpoints(cluster: string): XdsResource | undefined {
    return this.#endpoints.get(cluster);
  }

  /** Notes that a cluster is sent to a client that has not yet subscribed to its endpoints on this stream. */
  sentBeforeEndpoints(cluster: string): void {
    this.#sentFirst.add(cluster);
  }

  /** Whether the client, which now subscribes to the endpoints, must get them even if it holds them. */
  waitsForEndpoints(cluster: string): boolean {
    return this.#sentFirst.delete(cluster);
  }

  /** Adds the clusters of routes that are sent next. Earlier clusters of the routes are kept until {@link settle}. */
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

  /** Notes that the client accepted routes with exactly these clusters, and releases all others of the same routes. */
  settle(routes: string, clusters: readonly string[]): void {
    const kept = new Set(clusters);
    for (const cluster of this.#byRoutes.get(routes) ?? []) if (!kept.has(cluster)) this.#drop(routes, cluster);
  }

  /** Releases all clusters of these routes. */
  release(routes: string): void {
    for (const cluster of [...(this.#byRoutes.get(routes) ?? [])]) this.#drop(routes, cluster);
    this.#byRoutes.delete(routes);
  }

  /** Keeps clusters that a client held when it connected, until its routes are known. */
  adopt(clusters: Iterable<string>): void {
    for (const cluster of clusters) if (!this.#byCluster.has(cluster)) this.#adopted.add(cluster);
  }

  /** Removes the clusters from {@link adopt} that no routes use. */
  dropAdopted(): void {
    const dropped = [...this.#adopted];
    this.#adopted.clear();
    for (const cluster of dropped) this.#remove(cluster);
  }

  /** Forgets the failure of a cluster, because its tenant changed and the cluster may work now. */
  retry(cluster: string): void {
    this.#failed.delete(cluster);
  }

  #drop(routes: string, cluster: string): void {
    this.#byRoutes.get(routes)?.delete(cluster);
    const users = this.#byCluster.get(cluster);
    users?.delete(routes);
    if (users?.size !== 0) return;
    this.#byCluster.delete(cluster);
    this.#remove(cluster);
  }

  #remove(cluster: string): void {
    this.#failed.delete(cluster);
    this.#endpoints.delete(cluster);
    this.#sentFirst.delete(cluster);
    this.#lane.mark(cluster);
  }
}
