import { LRUCache } from 'lru-cache';
import type { Commit } from '../store/commit.ts';
import { needsWhole, type Step } from './for-fleet.ts';

/**
 * The maximum size of the cache, in characters. The cache has room for the commits of a burst until the agents have
 * received them.
 */
const KEPT = 4_000_000;

const encoder = new TextEncoder();
const keyOf = (tenant: string, revision: number, committedAt: number): string => `${tenant}/${revision}/${committedAt}`;

/**
 * The latest commits of this process, encoded as lines of the feed. The API sends these lines to agents without
 * reading the store or parsing JSON.
 *
 * The API reads all other commits from the store. These include every commit that changes gateways or certificates,
 * because a fleet may see only a part of such a commit.
 */
export class RecentCommits {
  readonly #changes = new LRUCache<string, string>({ maxSize: KEPT, sizeCalculation: (text) => text.length });

  /**
   * Caches a commit. It does not cache a commit of which a fleet may see only a part, or one larger than the whole
   * cache.
   */
  keep({ tenant, revision: { number, createdAt }, puts, deletes }: Commit): void {
    if (needsWhole(puts) || needsWhole(deletes)) return;
    const written = puts.map(
      ({ kind, name, spec, json = JSON.stringify(spec) }) =>
        `{"kind":"${kind}","name":${JSON.stringify(name)},"spec":${json}}`,
    );
    const change = `"puts":[${written.join()}],"deletes":${JSON.stringify(deletes)}`;
    // The cache ignores an entry that is larger than the whole cache.
    this.#changes.set(keyOf(tenant, number, createdAt), change);
  }

  /**
   * Returns the line for a step, equal to the encoded result of `eventOf`. Returns undefined when the cache does not
   * have the step's commit, or when the step merges several commits; the caller then uses `eventOf`.
   */
  line({ tenant, seq, base, revision, leaves, committedAt }: Step): Uint8Array | undefined {
    if (leaves || base === 0 || base !== revision - 1) return undefined;
    const change = this.#changes.get(keyOf(tenant, revision, committedAt));
    if (change === undefined) return undefined;
    const known = JSON.stringify({ type: 'tenant', seq, tenant, base, revision });
    return encoder.encode(`${known.slice(0, -1)},${change},"committedAt":${committedAt}}\n`);
  }
}
