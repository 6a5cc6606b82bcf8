/** The number of clusters that are examined at a time. */
const AT_ONCE = 500;

/** The clusters of one client whose endpoints can become unhealthy, so that their health is reported to the API. */
export class WatchedClusters {
  readonly #watched = new Set<string>();
  /** Clusters that the client held when it connected. They are examined later, a few at a time. */
  #unexamined: string[] = [];

  set(cluster: string, isWatched: boolean): void {
    if (isWatched) this.#watched.add(cluster);
    else this.#watched.delete(cluster);
  }

  adopt(clusters: Iterable<string>): void {
    this.#unexamined.push(...clusters);
  }

  /** Examines some of the adopted clusters. @returns the names of all watched clusters that are known */
  examine(isWatched: (cluster: string) => boolean): ReadonlySet<string> {
    for (const cluster of this.#unexamined.splice(0, AT_ONCE)) this.set(cluster, isWatched(cluster));
    return this.#watched;
  }
}
