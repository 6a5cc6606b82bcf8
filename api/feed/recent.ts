import { LRUCache } from 'lru-cache';
import type { Commit } from '../store/commit.ts';
import { needsWhole, type Step } from './for-fleet.ts';

/** Total size of the cache, in characters: enough for the commits of a burst that agents have not received yet. */
const KEPT = 4_000_000;

const encoder = new TextEncoder();
const keyOf = (tenant: string, revision: number, committedAt: number): string => `${tenant}/${revision}/${committedAt}`;

/**
 * The latest commits of this process, as lines of the feed: sending them to agents needs no read and no parsing. Other
 * commits are read from the store. So is every commit that changes gateways or certificates, because a fleet may see
 * only a part of it.
 */
export class RecentCommits {
  readonly #changes = new LRUCache<string, string>({ maxSize: KEPT, sizeCalculation: (text) => text.length });

  /** Keeps a commit, unless fleets may see only a part of it or it is larger than the whole cache. */
  keep({ tenant, revision: { number, createdAt }, puts, deletes }: Commit): void {
    if (needsWhole(puts) || needsWhole(deletes)) return;
    const written = puts.map(
      ({ kind, name, spec, json = JSON.stringify(spec) }) =>
        `{"kind":"${kind}","name":${JSON.stringify(name)},"spec":${json}}`,
    );
    const change = `"puts":[${written.join()}],"deletes":${JSON.stringify(deletes)}`;
    // A change larger than the whole cache is not kept.
    this.#changes.set(keyOf(tenant, number, createdAt), change);
  }

  /** The line that `eventOf` would make of a step; undefined when the caller must use `eventOf`. */
  line({ tenant, seq, base, revision, leaves, committedAt }: Step): Uint8Array | undefined {
    if (leaves || base === 0 || base !== revision - 1) return undefined;
    const change = this.#changes.get(keyOf(tenant, revision, committedAt));
    if (change === undefined) return undefined;
    const known = JSON.stringify({ type: 'tenant', seq, tenant, base, revision });
    return encoder.encode(`${known.slice(0, -1)},${change},"committedAt":${committedAt}}\n`);
  }
}
