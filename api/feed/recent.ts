import { LRUCache } from 'lru-cache';
import type { Commit } from '../store/commit.ts';
import type { Step } from './for-fleet.ts';

/**
 * The maximum size of the cache, in characters. A commit is needed only until the streams of its fleets have sent it,
 * so this is room for the commits of a burst.
 */
const MAX_CACHED = 4_000_000;

const encoder = new TextEncoder();
const keyOf = (tenant: string, revision: number, committedAt: number): string => `${tenant}/${revision}/${committedAt}`;

/**
 * A cache of the changed resources of this process's latest commits, encoded as the feed contains them. With it, the
 * API sends a commit to agents without reading the store or parsing JSON.
 *
 * The cache has no commit of which a fleet gets only a part, such as a change of gateways or certificates. The API
 * reads these commits, and those of other processes, from the store.
 */
export class RecentCommits {
  readonly #changes = new LRUCache<string, string>({ maxSize: MAX_CACHED, sizeCalculation: (text) => text.length });

  /**
   * Caches a commit. It does nothing for a commit of which a fleet may see only a part, or for one that is larger than
   * the whole cache.
   */
  keep(commit: Commit): void {
    if (!commit.isSameForEachFleet) return;
    const { tenant, revision, puts, deletes } = commit;
    const written = puts.map(
      ({ kind, name, spec, json = JSON.stringify(spec) }) =>
        `{"kind":"${kind}","name":${JSON.stringify(name)},"spec":${json}}`,
    );
    const encodedChange = `"puts":[${written.join()}],"deletes":${JSON.stringify(deletes)}`;
    // The cache ignores an entry that is larger than the whole cache.
    this.#changes.set(keyOf(tenant, revision.number, revision.createdAt), encodedChange);
  }

  /**
   * Returns the line of the feed for a step. The bytes are the same as those of the event that `eventOf` returns.
   *
   * @returns undefined when the caller must use `eventOf`: the cache does not have the step's commit, the step merges
   *   several commits, the event contains the whole configuration, registered endpoints or automatic certificates, or
   *   the tenant leaves the fleet or is suspended
   */
  line({
    tenant,
    seq,
    base,
    revision,
    leaves,
    committedAt,
    upstreams,
    issued,
    isClosed,
  }: Step): Uint8Array | undefined {
    if (leaves || isClosed || base === 0 || base !== revision - 1 || upstreams.length + issued.length > 0)
      return undefined;
    const encodedChange = this.#changes.get(keyOf(tenant, revision, committedAt));
    if (encodedChange === undefined) return undefined;
    const known = JSON.stringify({ type: 'tenant', seq, tenant, base, revision });
    return encoder.encode(`${known.slice(0, -1)},${encodedChange},"committedAt":${committedAt}}\n`);
  }
}
