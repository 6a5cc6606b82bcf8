import { describe, expect, test } from 'vitest';
import type { Store } from '../../api/store/port.ts';
import { at, audit, commit, committed, fleet, names, tenant } from './fixtures.ts';

export function describeTenants(store: () => Store): void {
  describe('tenants', () => {
    test('a tenant is read as it was created', async () => {
      const acme = tenant('acme', { labels: { plan: 'free', 'it"s': "o'k" }, displayName: 'Acme ✓' });
      expect(await store().createTenant(acme, audit)).toBe(true);
      expect(await store().tenant('acme')).toEqual(acme);
      expect(await store().tenant('other')).toBeUndefined();
    });

    test('a taken name is refused and changes nothing', async () => {
      await store().createTenant(tenant('acme'), audit);
      expect(await store().createTenant(tenant('acme', { displayName: 'Thief' }), audit)).toBe(false);
      expect((await store().tenant('acme'))?.displayName).toBe('ACME');
    });

    test('of two who create one name at once, one does', async () => {
      const outcomes = await Promise.all([1, 2, 3].map(() => store().createTenant(tenant('acme'), audit)));
      expect(outcomes.toSorted()).toEqual([false, false, true]);
    });

    test('lists page by name, by prefix and by label', async () => {
      for (const name of ['b-1', 'a-2', 'a-1', 'c-1', 'a-3']) {
        await store().createTenant(
          tenant(name, { labels: name.endsWith('1') ? { one: 'yes' } : { one: 'no' } }),
          audit,
        );
      }
      const list = async (page: Parameters<Store['tenants']>[0]) => names(await store().tenants(page));
      expect(await list({ limit: 2 })).toEqual(['a-1', 'a-2']);
      expect(await list({ limit: 2, after: 'a-2' })).toEqual(['a-3', 'b-1']);
      expect(await list({ limit: 9, after: 'c-1' })).toEqual([]);
      expect(await list({ limit: 9, prefix: 'a-' })).toEqual(['a-1', 'a-2', 'a-3']);
      expect(await list({ limit: 9, prefix: 'a-', after: 'a-2' })).toEqual(['a-3']);
      expect(await list({ limit: 9, prefix: '%' })).toEqual([]);
      expect(await list({ limit: 9, label: ['one', 'yes'] })).toEqual(['a-1', 'b-1', 'c-1']);
      expect(await list({ limit: 9, label: ['one', 'yes'], prefix: 'a' })).toEqual(['a-1']);
      expect(await list({ limit: 9, label: ['other', 'yes'] })).toEqual([]);
    });

    test('an update needs the version that was read', async () => {
      await store().createTenant(tenant('acme'), audit);
      expect(await store().updateTenant(tenant('acme', { displayName: 'New', labels: { a: 'b' } }), audit)).toBe(true);
      expect(await store().updateTenant(tenant('acme', { displayName: 'Stale' }), audit)).toBe(false);
      expect(await store().updateTenant(tenant('gone'), audit)).toBe(false);
      expect(await store().tenant('acme')).toMatchObject({ displayName: 'New', labels: { a: 'b' }, version: 2 });
    });

    test('an update leaves the head where it is', async () => {
      await store().createTenant(tenant('acme'), audit);
      await committed(store(), commit('acme', 1));
      await store().updateTenant(tenant('acme'), audit);
      expect((await store().tenant('acme'))?.revision).toBe(1);
    });

    test('the snapshot pages over tenants that have a gateway now', async () => {
      for (const name of ['a', 'b', 'c', 'd']) await store().createTenant(tenant(name), audit);
      for (const name of ['a', 'c', 'd']) await committed(store(), commit(name, 1, { puts: [['gateway', 'g']] }));
      await committed(store(), commit('b', 1, { puts: [['route', 'r']] }));
      await committed(store(), commit('d', 2, { deletes: [['gateway', 'g']] }));
      const all = [
        { name: 'a', revision: 1 },
        { name: 'c', revision: 1 },
      ];
      expect(await store().tenantsWithGateways({ limit: 9 })).toEqual(all);
      expect(await store().tenantsWithGateways({ limit: 1 })).toEqual(all.slice(0, 1));
      expect(await store().tenantsWithGateways({ limit: 9, after: 'a' })).toEqual(all.slice(1));
    });
  });

  describe('removing a tenant', () => {
    test('takes all it has, and a later tenant of that name starts empty', async () => {
      await store().createTenant(tenant('acme'), audit);
      const puts: [['gateway', 'g']] = [['gateway', 'g']];
      const keys = [{ id: 'k', keyId: '1', sealed: 's' }];
      await committed(store(), commit('acme', 1, { puts, keys, add: ['a.example.com'] }));
      await store().createToken(
        { id: 't1', tenant: 'acme', description: '', scopes: ['read'], createdAt: at, prefix: 'gh' },
        'hash',
        audit,
      );
      expect(await store().removeTenant('acme', 2, audit)).toEqual({ ok: false, seqs: [] });
      expect(await store().removeTenant('acme', 1, audit)).toEqual({ ok: true, seqs: [] });
      expect(await store().removeTenant('acme', 1, audit)).toEqual({ ok: false, seqs: [] });

      expect(await store().tenant('acme')).toBeUndefined();
      expect(await store().tokenByHash('hash')).toBeUndefined();
      await store().createTenant(tenant('acme'), audit);
      expect(await store().resources('acme')).toEqual([]);
      expect(await store().revisions('acme', { limit: 9 })).toEqual([]);
      expect(await store().sealedKeys('acme', ['k'])).toEqual([]);
      await store().createTenant(tenant('other'), audit);
      await committed(store(), commit('other', 1, { add: ['a.example.com'] }));
    });

    test('tells every fleet that could have served it', async () => {
      await store().createTenant(tenant('acme'), audit);
      await store().createFleet(fleet('private', { tenant: 'acme' }), audit);
      await store().createFleet(fleet('public'), audit);
      await store().createFleet(fleet('theirs', { tenant: 'other' }), audit);
      await committed(store(), commit('acme', 1, { to: ['public'], fleetGeneration: 3 }));

      const { seqs } = await store().removeTenant('acme', 1, audit);
      const left = Object.fromEntries(seqs.map(({ fleet, seq }) => [fleet, seq]));
      expect(left).toEqual({ private: 2, public: 3 });
      const { rows } = await store().feed('public', 1, 9);
      expect(rows).toEqual([{ seq: 3, tenant: 'acme', revision: 0, base: 0, leaves: true, createdAt: at }]);
    });
  });
}
