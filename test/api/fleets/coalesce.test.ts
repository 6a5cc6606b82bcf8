import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coalesce } from '../../../api/feed/for-fleet.ts';

interface Row {
  seq: number;
  tenant: string;
  revision: number;
  base: number;
  leaves: boolean;
  createdAt: number;
}

/** Feeds as the store writes them: each tenant's revisions in order, now and then leaving and coming back whole. */
const feeds = fc
  .array(
    fc.record({ tenant: fc.constantFrom('a', 'b', 'c'), leaves: fc.boolean(), gap: fc.integer({ min: 1, max: 3 }) }),
    { maxLength: 30 },
  )
  .map((moves) => {
    const revisions = new Map<string, number>();
    const served = new Set<string>();
    let seq = 0;
    return moves.map(({ tenant, leaves, gap }): Row => {
      seq += gap;
      const before = revisions.get(tenant) ?? 0;
      revisions.set(tenant, before + 1);
      const row = {
        seq,
        tenant,
        revision: before + 1,
        base: served.has(tenant) ? before : 0,
        leaves: leaves && served.has(tenant),
        createdAt: 0,
      };
      if (row.leaves) served.delete(tenant);
      else served.add(tenant);
      return row;
    });
  });

type Held = Map<string, number>;

/** What an agent holds after these events, by tenant: it skips what it holds already. */
function apply(held: Held, events: readonly Pick<Row, 'tenant' | 'revision' | 'base' | 'leaves'>[]): Held {
  for (const { tenant, revision, base, leaves } of events) {
    const has = held.get(tenant);
    if (leaves) held.delete(tenant);
    else if (has === undefined || revision > has) {
      expect(base === 0 || (has !== undefined && base <= has), `${tenant}: ${base} → ${revision} on ${has}`).toBe(true);
      held.set(tenant, revision);
    }
  }
  return held;
}

test('ends where the rows end, in fewer events', () => {
  fc.assert(
    fc.property(feeds, (rows) => {
      const steps = coalesce(rows);
      expect(apply(new Map(), steps)).toEqual(apply(new Map(), rows));
      expect(steps.length).toBe(new Set(rows.map(({ tenant }) => tenant)).size);
      expect(steps.at(-1)?.seq).toBe(rows.at(-1)?.seq);
    }),
    { seed: 1 },
  );
});

test('a reader that stops after any event and resumes at its cursor gets the same final state', () => {
  fc.assert(
    fc.property(feeds, fc.nat(), (rows, stop) => {
      const steps = coalesce(rows);
      const taken = steps.slice(0, steps.length === 0 ? 0 : (stop % steps.length) + 1);
      const cursor = taken.at(-1)?.seq ?? 0;
      const held = apply(new Map(), taken);
      // What was left in between may be told again, the whole of it: a tenant that left and came back ends as it should.
      apply(held, coalesce(rows.filter(({ seq }) => seq > cursor)));
      expect(held).toEqual(apply(new Map(), rows));
    }),
    { seed: 1 },
  );
});
