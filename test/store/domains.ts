import { describe, expect, test } from 'vitest';
import type { Domain } from '../../api/store/domains.ts';
import type { Store } from '../../api/store/store.ts';
import { at, audit, commit, committed, tenant } from './fixtures.ts';

const domain = (of: string, name: string, more: Partial<Domain> = {}): Domain => ({
  tenant: of,
  name,
  token: `${of}-${name}`,
  isHeld: false,
  createdAt: at,
  provenAt: null,
  missingSince: null,
  checkedAt: null,
  nextCheckAt: at,
  failures: 0,
  reason: null,
  ...more,
});

export function describeDomains(store: () => Store): void {
  describe('domains', () => {
    const claim = (of: string, name: string, limit = 9) =>
      store().domains.claim(domain(of, name), { tenant: of, otherwise: limit, now: at }, audit);
    const key = (of: string, name: string) => ({ tenant: of, name, token: `${of}-${name}` });
    const prove = (of: string, name: string, from?: string) =>
      store().domains.prove(
        {
          ...key(of, name),
          at: at + 1,
          nextCheckAt: at + 2,
          ...(from && { from: { tenant: from, reason: 'another tenant proved it', audit } }),
        },
        audit,
      );
    const tenants = async (...names: string[]) => {
      for (const name of names) await store().tenants.create(tenant(name), audit);
    };

    test('are claimed once per tenant, up to a limit, and go with their tenant', async () => {
      await tenants('acme', 'rival');
      expect(await claim('acme', 'a.example')).toBe('claimed');
      expect(await claim('acme', 'a.example')).toBe('exists');
      expect(await claim('rival', 'a.example')).toBe('claimed');
      expect(await claim('acme', 'b.example', 1)).toBe('too-many');
      expect(await claim('acme', 'a.example', 1)).toBe('exists');
      expect(await claim('gone', 'a.example')).toBe('no-tenant');
      expect(await store().domains.find('acme', 'a.example')).toEqual(domain('acme', 'a.example'));
      await store().tenants.remove(tenant('rival'), audit);
      expect(await store().domains.find('rival', 'a.example')).toBeUndefined();
      expect(await store().domains.remove('acme', 'a.example', audit)).toBe(true);
      expect(await store().domains.remove('acme', 'a.example', audit)).toBe(false);
    });

    test('of 64 claims at once, no more are stored than the tenant may have', async () => {
      await tenants('acme');
      const outcomes = await Promise.all(Array.from({ length: 64 }, (_, i) => claim('acme', `d${i}.example`, 5)));
      expect(outcomes.filter((each) => each === 'claimed')).toHaveLength(5);
      expect(await store().domains.list('acme', { limit: 100 })).toHaveLength(5);
    });

    test('are held by one tenant, which loses them to one that proves them later', async () => {
      await tenants('acme', 'rival');
      await claim('acme', 'a.example');
      await claim('rival', 'a.example');
      expect(await prove('acme', 'a.example')).toBe('proven');
      expect(await store().domains.holders(['a.example', 'b.example'])).toEqual([
        { name: 'a.example', tenant: 'acme' },
      ]);
      // The rival did not know of the holder.
      expect(await prove('rival', 'a.example')).toBe('changed');
      expect(await prove('rival', 'a.example', 'acme')).toBe('proven');
      expect(await store().domains.holders(['a.example'])).toEqual([{ name: 'a.example', tenant: 'rival' }]);
      expect(await store().domains.find('acme', 'a.example')).toMatchObject({
        isHeld: false,
        reason: 'another tenant proved it',
      });
      await store().domains.remove('acme', 'a.example', audit);
      expect(await prove('acme', 'a.example', 'rival')).toBe('changed');
    });

    test('of 16 tenants that prove a domain at once, one holds it', async () => {
      const names = Array.from({ length: 16 }, (_, i) => `t${i}`);
      await tenants(...names);
      for (const name of names) await claim(name, 'a.example');
      const outcomes = await Promise.all(names.map((name) => prove(name, 'a.example')));
      expect(outcomes.filter((each) => each === 'proven')).toHaveLength(1);
    });

    test('are not claimed or proven above domains and proven hosts of other tenants', async () => {
      await tenants('acme', 'rival', 'third');
      await claim('rival', 'example.com');
      await claim('acme', 'shop.example.com');
      expect(await prove('acme', 'shop.example.com')).toBe('proven');
      expect(await claim('third', 'example.com')).toBe('taken');
      expect(await prove('rival', 'example.com')).toBe('taken');
      // Beside it, and with a name that only begins alike.
      expect(await claim('third', 'a.example.com')).toBe('claimed');
      expect(await claim('third', 'op.example.com')).toBe('claimed');
      expect(await claim('third', 'shop.example.com')).toBe('claimed');
      await committed(store(), commit('acme', 1, { add: ['*.eu.shop.example.com'] }));
      expect(await claim('third', 'eu.shop.example.com')).toBe('taken');
      expect(await claim('third', 'us.shop.example.com')).toBe('claimed');
    });

    test('above one that is given up name the hosts that its tenant still has', async () => {
      await tenants('acme', 'rival');
      await claim('acme', 'example.com');
      await claim('rival', 'shop.example.com');
      await prove('acme', 'example.com');
      await prove('rival', 'shop.example.com');
      await store().domains.cleared(key('acme', 'example.com'));
      await store().domains.cleared(key('rival', 'shop.example.com'));
      await store().domains.remove('rival', 'shop.example.com', audit);
      expect(await store().domains.uncleared(9)).toEqual([key('acme', 'example.com')]);
    });

    test('name the unproven hosts of other tenants until these are gone', async () => {
      await tenants('acme', 'rival');
      await committed(
        store(),
        commit('rival', 1, { add: ['a.example', '*.b.a.example', 'xa.example', '*.example.net'] }),
      );
      await claim('acme', 'a.example');
      await prove('acme', 'a.example');
      expect(await store().domains.uncleared(9)).toEqual([key('acme', 'a.example')]);
      expect(await store().domains.rivals('acme', 'a.example', 9)).toEqual([
        { tenant: 'rival', host: 'a.example' },
        { tenant: 'rival', host: '*.b.a.example' },
      ]);
      await store().domains.cleared(key('acme', 'a.example'));
      await prove('acme', 'a.example');
      expect(await store().domains.uncleared(9)).toEqual([]);
    });

    test('name wildcards above them, again once the domain of the wildcard is released or given up', async () => {
      await tenants('acme', 'rival');
      await committed(store(), commit('rival', 1, { add: ['*.b.example', '*.a.example'] }));
      const [above, of] = [key('rival', 'b.example'), key('acme', 'a.b.example')];
      for (const { tenant, name } of [above, of]) {
        await claim(tenant, name);
        expect(await prove(tenant, name)).toBe('proven');
        await store().domains.cleared(key(tenant, name));
      }
      expect(await store().domains.rivals('acme', of.name, 9)).toEqual([{ tenant: 'rival', host: '*.b.example' }]);
      const missed = { ...above, at: 4, nextCheckAt: 9, reason: 'gone' };
      await store().domains.miss(missed, undefined);
      expect(await store().domains.uncleared(9)).toEqual([]);
      expect(await store().domains.release({ ...missed, missingSince: 4 }, audit)).toBe(true);
      expect(await store().domains.uncleared(9)).toEqual([of]);
      await store().domains.cleared(of);
      expect(await store().domains.remove('rival', 'b.example', audit)).toBe(true);
      expect(await store().domains.uncleared(9)).toEqual([of]);
    });

    test('are released when the proof stays away, and checked in the order in which they are due', async () => {
      await tenants('acme');
      for (const name of ['a.example', 'b.example']) await claim('acme', name);
      const of = key('acme', 'a.example');
      expect(await store().domains.begin(of, at, at - 5)).toBe(true);
      expect(await store().domains.begin(of, at + 4, at - 1)).toBe(false);
      await prove('acme', 'a.example');
      const missed = { ...of, nextCheckAt: at - 9, reason: 'no record' };
      expect(await store().domains.miss({ ...missed, at: at + 5 }, undefined)).toBe(true);
      expect(await store().domains.miss({ ...missed, at: at + 6 }, audit)).toBe(true);
      expect(await store().domains.find('acme', 'a.example')).toMatchObject({
        isHeld: true,
        missingSince: at + 5,
        failures: 2,
        reason: 'no record',
      });
      expect((await store().domains.due(at, 9)).map(({ name }) => name)).toEqual(['a.example', 'b.example']);
      expect(await store().domains.release({ ...missed, at: at + 7, missingSince: at + 4 }, audit)).toBe(false);
      expect(await store().domains.release({ ...missed, at: at + 7, missingSince: at + 5 }, audit)).toBe(true);
      expect(await store().domains.holders(['a.example'])).toEqual([]);
      expect(await store().domains.miss({ ...missed, token: 'earlier', at: at + 8 }, undefined)).toBe(false);
    });
  });
}
