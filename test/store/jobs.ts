import { describe, expect, test } from 'vitest';
import type { Store } from '../../api/store/store.ts';
import { at } from './fixtures.ts';

const MINUTE = 60_000;
/** A run that begins at an instant, of a job that is due every ten minutes. */
const claimant = (holder: string, now: number) => ({
  holder,
  now,
  until: now + MINUTE,
  dueAfter: now - 10 * MINUTE,
});

export function describeJobs(store: () => Store): void {
  describe('jobs', () => {
    const take = (holder: string, now: number, name = 'tidy') => store().jobs.acquire(name, claimant(holder, now));

    test('of many that ask for a lease at once, one takes it', async () => {
      const holders = Array.from({ length: 20 }, (_, index) => `run ${index}`);
      for (const now of [at, at + 20 * MINUTE]) {
        const taken = await Promise.all(holders.map((holder) => take(holder, now)));
        expect(taken.filter(Boolean).length).toBe(1);
      }
    });

    test('a job runs once per interval, each for itself', async () => {
      expect(await take('a', at)).toBe(true);
      await store().jobs.finish('tidy', 'a', at + 5, 'succeeded');
      expect(await take('b', at + 10 * MINUTE - 1)).toBe(false);
      expect(await take('b', at + 1, 'other')).toBe(true);
      expect(await take('c', at + 10 * MINUTE)).toBe(true);
    });

    test('a lease that is renewed is kept past the interval; one whose holder died expires', async () => {
      expect(await take('a', at)).toBe(true);
      expect(await store().jobs.renew('tidy', 'a', at + 12 * MINUTE)).toBe(true);
      expect(await take('b', at + 11 * MINUTE)).toBe(false);
      expect(await take('b', at + 12 * MINUTE)).toBe(true);
      // The first run was slow, not dead: it learns that the lease is gone and changes nothing of the second.
      expect(await store().jobs.renew('tidy', 'a', at + 99 * MINUTE)).toBe(false);
      await store().jobs.finish('tidy', 'a', at + 12 * MINUTE, 'failed');
      expect(await take('c', at + 13 * MINUTE - 1)).toBe(false);
      expect(await store().jobs.list()).toEqual([
        { name: 'tidy', startedAt: at + 12 * MINUTE, finishedAt: null, failures: 0 },
      ]);
    });

    test('failures are counted until a run succeeds', async () => {
      const state = async () => (await store().jobs.list()).map(({ finishedAt, failures }) => [finishedAt, failures]);
      for (const [index, outcome] of (['failed', 'failed', 'succeeded'] as const).entries()) {
        const now = at + index * 10 * MINUTE;
        expect(await take(`run ${index}`, now)).toBe(true);
        await store().jobs.finish('tidy', `run ${index}`, now + 1, outcome);
        expect(await state()).toEqual([[now + 1, outcome === 'failed' ? index + 1 : 0]]);
      }
    });
  });
}
