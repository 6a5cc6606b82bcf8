import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../api/store/store.ts';
import { at, audit, commit, committed, fleet, tenant } from './fixtures.ts';

export function describeFeed(store: () => Store): void {
  describe('the feed', () => {
    const tenants = ['a', 'b', 'c', 'd', 'e', 'f'];
    let fleetGeneration: number;

    beforeEach(async () => {
      for (const name of tenants) await store().tenants.create(tenant(name), audit);
      await store().fleets.create(fleet('internal'), audit);
      await store().fleets.create(fleet('public'), audit);
      fleetGeneration = await store().fleets.generation();
    });

    test('a commit answers the number it got in each fleet', async () => {
      await committed(store(), commit('a', 1, { to: ['public'], fleetGeneration }));
      const made = commit('b', 1, { fleetGeneration });
      made.feeds = [
        { fleet: 'public', base: 0, leaves: false },
        { fleet: 'internal', base: 0, leaves: true },
      ];
      expect(await committed(store(), made)).toEqual([
        { fleet: 'internal', seq: 2 },
        { fleet: 'public', seq: 3 },
      ]);
      expect(await committed(store(), commit('c', 1, { fleetGeneration }))).toEqual([]);
      expect((await store().fleets.find('public'))?.seq).toBe(3);
      const row = { tenant: 'b', revision: 1, base: 0, createdAt: at + 1 };
      expect(await store().feed.ofRevision('b', 1)).toEqual([
        { ...row, fleet: 'internal', seq: 2, leaves: true },
        { ...row, fleet: 'public', seq: 3, leaves: false },
      ]);
    });

    test('is read after a cursor, a page at a time', async () => {
      for (const name of tenants) await committed(store(), commit(name, 1, { to: ['public'], fleetGeneration }));
      const seqs = async (after: number, limit: number) => {
        const { rows, ...rest } = await store().feed.read('public', after, limit);
        return { ...rest, seqs: rows.map(({ seq }) => seq) };
      };
      expect(await seqs(1, 3)).toEqual({ tooOld: false, head: 7, drains: 0, seqs: [2, 3, 4] });
      expect(await seqs(4, 9)).toEqual({ tooOld: false, head: 7, drains: 0, seqs: [5, 6, 7] });
      expect(await seqs(7, 9)).toEqual({ tooOld: false, head: 7, drains: 0, seqs: [] });
    });

    test('deletes rows older than the kept ones in small batches, and a reader that is behind needs a snapshot', async () => {
      for (const name of tenants)
        await committed(store(), commit(name, 1, { to: ['public', 'internal'], fleetGeneration }));
      const head = (await store().fleets.find('public'))!.seq;
      expect(await store().retention.pruneFeed('public', 2, 3)).toBe(true);
      expect(await store().retention.pruneFeed('public', 2, 3)).toBe(false);
      expect(await store().retention.pruneFeed('public', 2, 3)).toBe(false);
      expect((await store().feed.read('public', head - 3, 9)).tooOld).toBe(true);
      const { tooOld, rows } = await store().feed.read('public', head - 2, 9);
      expect([tooOld, rows.map(({ tenant }) => tenant)]).toEqual([false, ['e', 'f']]);
      expect(await store().feed.ofRevision('a', 1)).toMatchObject([{ fleet: 'internal' }]);
      expect(await store().retention.pruneFeed('public', 9, 3)).toBe(false);
      expect((await store().feed.read('public', head - 2, 9)).rows).toHaveLength(2);
    });

    test.for([
      ['of an agent without a replica', 'public', 0],
      ['of another database', 'public', 5],
      ['of a fleet that is gone', 'none', 1],
    ] as const)('a cursor %s needs a snapshot', async ([, name, after]) => {
      await committed(store(), commit('a', 1, { to: ['public'], fleetGeneration }));
      expect(await store().feed.read(name, after, 9)).toMatchObject({ tooOld: true, rows: [] });
    });

    test('a fleet that is created again under its name never reuses a cursor of the first one', async () => {
      for (const name of tenants) await committed(store(), commit(name, 1, { to: ['public'], fleetGeneration }));
      await store().fleets.remove(fleet('public'), audit);
      await store().fleets.create(fleet('public'), audit);
      for (let cursor = 0; cursor <= 7; cursor++) {
        expect((await store().feed.read('public', cursor, 9)).tooOld).toBe(true);
      }
      expect(await store().feed.read('public', 8, 9)).toEqual({ tooOld: false, head: 8, drains: 0, rows: [] });
    });

    test('a tenant was removed after the numbers before its last event', async () => {
      await committed(store(), commit('a', 1, { to: ['public'], fleetGeneration }));
      const { seqs } = await store().tenants.remove(tenant('a'), audit);
      const { seq } = seqs.find((row) => row.fleet === 'public')!;
      await store().tenants.create(tenant('a', { createdAt: at + 1 }), audit);
      await committed(store(), commit('a', 1, { to: ['public'], fleetGeneration }));
      const removed = (after: number, name = 'public') => store().feed.removedAfter(name, after, ['a', 'b', 'none']);
      expect([...(await removed(seq - 1))]).toEqual(['a']);
      expect((await removed(seq)).size).toBe(0);
      expect((await removed(0, 'none')).size).toBe(0);
    });

    test('under concurrent writers, a reader that follows its cursor sees every commit once, each tenant in order', async () => {
      const rounds = 15;
      const seen: { tenant: string; revision: number; seq: number }[] = [];
      let writing = true;
      const reader = (async () => {
        let cursor = 1;
        for (let done = false; !done; ) {
          done = !writing;
          const { tooOld, rows } = await store().feed.read('public', cursor, 7);
          expect(tooOld).toBe(false);
          seen.push(...rows);
          cursor = rows.at(-1)?.seq ?? cursor;
          if (rows.length > 0) done = false;
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();

      const answered = await Promise.all(
        tenants.map(async (name) => {
          const seqs: number[] = [];
          for (let n = 1; n <= rounds; n++) {
            const [fed] = await committed(store(), commit(name, n, { to: ['public'], fleetGeneration }));
            seqs.push(fed!.seq);
          }
          return { name, seqs };
        }),
      );
      writing = false;
      await reader;

      expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: tenants.length * rounds }, (_, i) => i + 2));
      for (const { name, seqs } of answered) {
        const of = seen.filter((row) => row.tenant === name);
        expect(of.map(({ seq }) => seq)).toEqual(seqs);
        expect(of.map(({ revision }) => revision)).toEqual(Array.from({ length: rounds }, (_, i) => i + 1));
      }
    });
  });
}
