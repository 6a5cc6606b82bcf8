import { type HostPattern, patternsCovering } from '../values/host.ts';

/**
 * Finds items by host pattern. Two patterns overlap if the host of some request matches both. The cost of a lookup
 * depends on the number of results and on the number of labels of the given host, not on the number of items. Only the
 * first lookup of a wildcard after a change reads all items.
 */
export class HostIndex<T> {
  readonly #at = new Map<HostPattern, T[]>();
  /** The hosts in this index that each wildcard covers. */
  #below: Map<HostPattern, HostPattern[]> | undefined;

  add(host: HostPattern, item: T): void {
    const there = this.#at.get(host);
    if (there) {
      there.push(item);
      return;
    }
    this.#at.set(host, [item]);
    this.#below = undefined;
  }

  /** Returns the items of exactly this host. */
  at(host: HostPattern): readonly T[] {
    return this.#at.get(host) ?? [];
  }

  /** Whether an item has a host that overlaps this one. */
  overlaps(host: HostPattern): boolean {
    for (const above of patternsCovering(host)) if (this.#at.has(above)) return true;
    return this.#covered(host).length > 0;
  }

  /** Lists the items whose host overlaps `host`, each with the pattern of the hosts that both match. */
  *overlapping(host: HostPattern): Generator<[item: T, common: HostPattern]> {
    for (const above of patternsCovering(host)) for (const item of this.at(above)) yield [item, host];
    for (const below of this.#covered(host)) for (const item of this.at(below)) yield [item, below];
  }

  #covered(host: HostPattern): readonly HostPattern[] {
    if (!host.startsWith('*')) return [];
    // Computed on demand, because most indexes get no lookup of a wildcard.
    this.#below ??= byWildcard(this.#at.keys());
    return this.#below.get(host) ?? [];
  }
}

function byWildcard(hosts: Iterable<HostPattern>): Map<HostPattern, HostPattern[]> {
  const all = new Map<HostPattern, HostPattern[]>();
  for (const host of hosts) {
    for (const above of patternsCovering(host)) {
      if (above === host) continue;
      const below = all.get(above);
      if (below) below.push(host);
      else all.set(above, [host]);
    }
  }
  return all;
}
