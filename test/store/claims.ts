import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { claimLocks } from '../../api/store/claims.ts';
import type { Store } from '../../api/store/store.ts';
import { audit, commit, committed, tenant } from './fixtures.ts';

export function describeClaims(store: () => Store): void {
  describe('host claims', () => {
    beforeEach(async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().tenants.create(tenant('other'), audit);
    });

    test.for([
      ['a.example.com', 'a.example.com'],
      ['*.example.com', '*.example.com'],
      ['*.example.com', 'a.example.com'],
      ['*.example.com', 'a.b.example.com'],
      ['*.example.com', '*.b.example.com'],
      ['a.example.com', '*.example.com'],
      ['a.b.example.com', '*.example.com'],
      ['*.b.example.com', '*.example.com'],
      ['a.example.com', '*.com'],
      ['a.example.com', '*'],
    ] as const)('one tenant holds %s, another is refused %s', async ([held, asked]) => {
      await committed(store(), commit('acme', 1, { add: [held] }));
      expect(await store().commits.takenHosts('other', ['free.test', asked])).toEqual([asked]);
      const refused = await store().commits.write(commit('other', 1, { add: ['free.test', asked] }));
      expect(refused).toEqual({ ok: false, conflict: 'host', hosts: [asked] });
    });

    test.for([
      ['example.com', '*.example.com'],
      ['*.example.com', 'example.com'],
      ['a.example.com', 'b.example.com'],
      ['*.a.example.com', '*.b.example.com'],
      ['*.a.example.com', 'a.example.com'],
      ['*.ample.com', 'ex.example.com'],
      ['*.a.com', 'x.aa.com'],
      ['*.a.com', 'x.a-b.com'],
      ['b.a-b.com', '*.a.com'],
    ] as const)('one tenant holds %s, another may have %s', async ([held, asked]) => {
      await committed(store(), commit('acme', 1, { add: [held] }));
      expect(await store().commits.takenHosts('other', [asked])).toEqual([]);
      await committed(store(), commit('other', 1, { add: [asked] }));
    });

    test('very many hosts are compared in parts: other work runs in between', async () => {
      await committed(store(), commit('acme', 1, { add: ['*.example.com'] }));
      let reads = 0;
      const hosts = new Proxy(
        Array.from({ length: 10_000 }, (_, i) => `h${i}.example.com`),
        {
          get(target, key, receiver) {
            if (typeof key === 'string' && /^\d+$/.test(key)) reads++;
            return Reflect.get(target, key, receiver);
          },
        },
      );
      // Every slice is over at once, however quick the machine is.
      let clock = 0;
      const now = vi.spyOn(performance, 'now').mockImplementation(() => (clock += 100));
      onTestFinished(() => now.mockRestore());
      let [largest, done] = [0, false];
      const look = () => {
        largest = Math.max(largest, reads);
        reads = 0;
        if (!done) setImmediate(look);
      };
      setImmediate(look);
      expect(await store().commits.takenHosts('other', hosts)).toHaveLength(10_000);
      done = true;
      expect(largest).toBeLessThan(5_000);
    });

    test('all hosts at once leave nothing to others', async () => {
      await committed(store(), commit('acme', 1, { add: ['*'] }));
      const add = ['a.test', '*.test', 'localhost', '*'];
      expect(await store().commits.write(commit('other', 1, { add }))).toEqual({
        ok: false,
        conflict: 'host',
        hosts: add,
      });
    });

    test('claims of one tenant may overlap, and a tenant may repeat a claim', async () => {
      await committed(store(), commit('acme', 1, { add: ['*.example.com', 'a.example.com'] }));
      await committed(store(), commit('acme', 2, { add: ['*.example.com', '*.a.example.com'] }));
    });

    test('other tenants can claim a released host', async () => {
      await committed(store(), commit('acme', 1, { add: ['*.example.com', 'a.test'] }));
      await committed(store(), commit('acme', 2, { remove: ['*.example.com'] }));
      await committed(store(), commit('other', 1, { add: ['a.example.com'] }));
      expect(await store().commits.write(commit('other', 2, { add: ['a.test'] }))).toMatchObject({ conflict: 'host' });
    });

    test('thousands at once are claimed, refused for those held by others, and released', async () => {
      const many = Array.from({ length: 3_000 }, (_, i) =>
        i % 10 === 0 ? `*.w${i}.example.com` : `h${i}.example.com`,
      );
      const held = ['a.w2990.example.com', 'h2999.example.com', 'h5.example.com'];
      await committed(store(), commit('acme', 1, { add: held }));
      const taken = ['h5.example.com', '*.w2990.example.com', 'h2999.example.com'];
      expect(await store().commits.takenHosts('other', many)).toEqual(taken);
      const refused = await store().commits.write(commit('other', 1, { add: many }));
      expect(refused).toEqual({ ok: false, conflict: 'host', hosts: taken });
      await committed(store(), commit('acme', 2, { remove: held }));
      await committed(store(), commit('other', 1, { add: many }));
      expect(
        await store().commits.takenHosts('acme', ['x.w2980.example.com', 'h2998.example.com', ...held]),
      ).toHaveLength(5);
      await committed(store(), commit('other', 2, { remove: many }));
      expect(await store().commits.takenHosts('acme', many)).toEqual([]);
    });

    test('thousands of zones at once take no lock each', () => {
      const zones = Array.from({ length: 10_000 }, (_, i) => `a.zone${i}.com`);
      const { alone = [], shared = [] } = claimLocks(zones);
      expect(alone.length + shared.length).toBeLessThan(2_000);
      // What every other claim holds too.
      expect(claimLocks(['b.example.com']).shared).toEqual(expect.arrayContaining([...alone]));
    });

    test('a tenant cannot release the claim of another tenant', async () => {
      await committed(store(), commit('acme', 1, { add: ['a.test'] }));
      await committed(store(), commit('other', 1, { remove: ['a.test'] }));
      expect(await store().commits.write(commit('other', 2, { add: ['a.test'] }))).toMatchObject({ conflict: 'host' });
    });

    test('a revision may move a claim from an exact host to its wildcard', async () => {
      await committed(store(), commit('acme', 1, { add: ['a.example.com'] }));
      await committed(store(), commit('acme', 2, { add: ['*.example.com'], remove: ['a.example.com'] }));
      expect(await store().commits.write(commit('other', 1, { add: ['b.example.com'] }))).toMatchObject({
        conflict: 'host',
      });
    });

    test.for([
      ['a.example.com', 'a.example.com'],
      ['*.example.com', 'a.example.com'],
      ['a.example.com', '*.example.com'],
      ['*.example.com', '*.a.example.com'],
    ] as const)('of two tenants who ask for %s and %s at once, one gets it', async ([one, two]) => {
      const outcomes = await Promise.all([
        store().commits.write(commit('acme', 1, { add: [one] })),
        store().commits.write(commit('other', 1, { add: [two] })),
      ]);
      expect(outcomes.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
      expect(outcomes.find(({ ok }) => !ok)).toMatchObject({ conflict: 'host', hosts: [outcomes[0].ok ? two : one] });
    });
  });
}
