import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aheadOf } from '../../dataplane/status/ahead.ts';
import { type Behind, MOST_BEHIND } from '../../wire/feed.ts';

const behind = (...tenants: [tenant: string, live: number][]): Behind[] =>
  tenants.map(([tenant, live]) => ({ tenant, live }));

it('what is live after the cursor ends where the agent has read, and each late tenant is in it once', () => {
  const unfinished = behind(['slow', 4], ['quick', 8], ['slow', 7]);
  expect(aheadOf(4, unfinished, { last: 9, waiting: behind(['large', 5], ['quick', 6]) })).toEqual({
    ...{ live: 9, behind: behind(['slow', 4], ['large', 5], ['quick', 6]) },
  });
});

it.each([
  ['everything is live', 9, []],
  ['it is unknown who is late', 4, undefined],
])('nothing is ahead when %s', (_, live, unfinished) =>
  expect(aheadOf(live, unfinished, { last: 9, waiting: [] })).toBeUndefined(),
);

it('more late tenants than a report may name shorten what is ahead, and hide no late one', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 3 * MOST_BEHIND }), fc.nat(300), (places, last) => {
      const all = places.map((live, index) => ({ tenant: `t${index}`, live }));
      const found = aheadOf(0, all, { last, waiting: [] });
      const end = found?.live ?? 0;
      expect(found?.behind.length ?? 0).toBeLessThanOrEqual(MOST_BEHIND);
      for (const { tenant, live } of all) if (live < end) expect(found?.behind).toContainEqual({ tenant, live });
      if (all.length <= MOST_BEHIND) expect(end).toBe(last);
    }),
    { numRuns: 200, seed: 1 },
  );
});
