import { LRUCache } from 'lru-cache';
import type { Commit } from '../store/commit.ts';
import { needsWhole, type Step } from './for-fleet.ts';

/** Characters kept: a burst's worth of what agents are about to be told. */
const KEPT = 4_000_000;

const encoder = new TextEncoder();
const keyOf = (tenant: string, revision: number, committedAt: number): string => `${tenant}/${revision}/${committedAt}`;

/**
 * What was committed here a moment ago, in the words of the feed: telling agents of it then reads and parses nothing. What is not here is
 * read; so is whatever moves gateways or certificates, of which each fleet may know a part.
 */
export class RecentCommits {
  readonly #changes = new LRUCache<string, string>({ maxSize: KEPT, sizeCalculation: (text) => text.length });

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

  /** The line that `eventOf` would make of a step; undefined when it must. */
  line({ tenant, seq, base, revision, leaves, committedAt }: Step): Uint8Array | undefined {
    if (leaves || base === 0 || base !== revision - 1) return undefined;
    const change = this.#changes.get(keyOf(tenant, revision, committedAt));
    if (change === undefined) return undefined;
    const known = JSON.stringify({ type: 'tenant', seq, tenant, base, revision });
    return encoder.encode(`${known.slice(0, -1)},${change},"committedAt":${committedAt}}\n`);
  }
}
