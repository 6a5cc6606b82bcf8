import { describe, expect, test } from 'vitest';
import type { OrderLimits } from '../../api/store/acme-orders.ts';
import type { Store } from '../../api/store/store.ts';
import { at, audit, commit, committed, fleet, tenant } from './fixtures.ts';

const LIMITS: OrderLimits = { all: 16, period: 100, ofDomain: 4, ofDomainAndTenant: 4, domainPeriod: 1000, open: 100 };

export function describeAcmeOrders(store: () => Store): void {
  describe('orders at the certificate authority', () => {
    const count = (id: string, of: string, when = at, limits: Partial<OrderLimits> = {}, domain = `${id}.test`) =>
      store().acmeOrders.count({ id, tenant: of, domain, at: when }, { ...LIMITS, ...limits });
    const several = async (names: string[], of: string) => {
      const found = await Promise.all(names.map((id) => count(id, of)));
      return found.filter((each) => each === undefined).length;
    };
    const names = (prefix: string, length: number) => Array.from({ length }, (_, i) => `${prefix}${i}`);

    test('of 64 at once, a tenant gets half of those that other tenants leave', async () => {
      expect(await several(names('a', 64), 'acme')).toBe(8);
      expect(await several(names('b', 10), 'books')).toBe(4);
      expect(await several(names('c', 10), 'cinema')).toBe(2);
      expect(await count('d', 'dance')).toBeUndefined();
      expect(await count('e', 'acme')).toEqual({ all: 15, ofTenant: 8, ofDomain: 0, ofDomainAndTenant: 0, open: 0 });
    });

    test('they count again after the period, and longer for the names of one registered domain', async () => {
      for (const id of names('a', 3)) expect(await count(id, id, at, {}, 'a.test')).toBeUndefined();
      expect(await count('b', 'books', at + 100, { all: 1, ofDomain: 3 }, 'a.test')).toMatchObject({
        all: 0,
        ofDomain: 3,
      });
      expect(await count('b', 'books', at + 100, { all: 1 }, 'b.test')).toBeUndefined();
      expect(await count('c', 'cinema', at + 1000, { ofDomain: 1 }, 'a.test')).toBeUndefined();
    });

    test('a tenant gets a part of those for one registered domain', async () => {
      const ofDomain = (id: string, of: string) => count(id, of, at, { ofDomainAndTenant: 2 }, 'apps.test');
      expect([await ofDomain('a', 'acme'), await ofDomain('b', 'acme')]).toEqual([undefined, undefined]);
      expect(await ofDomain('c', 'acme')).toMatchObject({ ofDomain: 2, ofDomainAndTenant: 2 });
      expect(await ofDomain('c', 'books')).toBeUndefined();
    });

    test('they are read by tenant and domain', async () => {
      for (const [id, of, when] of [
        ['a', 'acme', at],
        ['b', 'acme', at + 150],
        ['c', 'books', at + 10],
      ] as const)
        await count(id, of, when, {}, 'a.test');
      const found = await store().acmeOrders.tally(at + 200, LIMITS);
      expect(found.open).toBe(0);
      expect(found.rows.toSorted((a, b) => (a.tenant < b.tenant ? -1 : 1))).toEqual([
        { tenant: 'acme', domain: 'a.test', recent: 1, oldestRecent: at + 150, all: 2, oldest: at },
        { tenant: 'books', domain: 'a.test', recent: 0, oldestRecent: null, all: 1, oldest: at + 10 },
      ]);
      expect((await store().acmeOrders.tally(at + 2000, LIMITS)).rows).toEqual([]);
    });

    test('one that the authority did not accept counts no more', async () => {
      expect(await count('a', 'acme', at, { all: 1 })).toBeUndefined();
      expect(await count('b', 'books', at, { all: 1 })).toMatchObject({ all: 1 });
      await store().acmeOrders.undo('a');
      expect(await count('b', 'books', at, { all: 1 })).toBeUndefined();
    });

    test('a name may be ordered while few orders are open', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().fleets.create(fleet('public'), audit);
      const automatic = [{ name: 'a.test', certificate: 'auto', challenge: 'HTTP-01' as const }];
      await committed(store(), commit('acme', 1, { automatic, fleetGeneration: await store().fleets.generation() }));
      const row = (await store().automatic.find('acme', 'a.test'))!;
      expect(await count('b', 'books', at, { open: 1 })).toBeUndefined();
      await store().automatic.change(row, { step: 'answering' });
      expect(await count('c', 'cinema', at, { open: 1 })).toMatchObject({ open: 1 });
    });
  });
}
