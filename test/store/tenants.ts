import { describe, expect, test } from 'vitest';
import type { Store } from '../../api/store/store.ts';
import { at, audit, type Change, commit, committed, fleet, names, tenant } from './fixtures.ts';
import { signedUp } from './people.ts';

export function describeTenants(store: () => Store): void {
  describe('tenants', () => {
    test('a tenant is read as it was created', async () => {
      const acme = tenant('acme', { labels: { plan: 'free', 'it"s': "o'k" }, displayName: 'Acme ✓' });
      expect(await store().tenants.create(acme, audit)).toBe('created');
      expect(await store().tenants.find('acme')).toEqual(acme);
      expect(await store().tenants.find('other')).toBeUndefined();
    });

    test('a taken name is refused and changes nothing', async () => {
      await store().tenants.create(tenant('acme'), audit);
      expect(await store().tenants.create(tenant('acme', { displayName: 'Thief' }), audit)).toBe('taken');
      expect((await store().tenants.find('acme'))?.displayName).toBe('ACME');
    });

    test('of two who create one name at once, one does', async () => {
      const outcomes = await Promise.all([1, 2, 3].map(() => store().tenants.create(tenant('acme'), audit)));
      expect(outcomes.toSorted()).toEqual(['created', 'taken', 'taken']);
    });

    test('a person who creates a tenant owns it, and owns no more than allowed, also in a race', async () => {
      const create = (name: string) => store().tenants.create(tenant(name), audit, { person: 'ann', most: 3 });
      expect(await create('first')).toBe('nobody');
      for (const id of ['ann', 'bob']) await signedUp(store(), id);
      expect(await create('first')).toBe('created');
      const outcomes = await Promise.all(Array.from({ length: 64 }, (_, n) => create(`t${n}`)));
      expect(outcomes.toSorted()).toEqual(['created', 'created', ...Array<string>(62).fill('full')]);
      const { memberships } = await store().members.grants('ann');
      expect([...memberships.values()]).toEqual(['owner', 'owner', 'owner']);
      expect(memberships.get('first')).toBe('owner');
      expect(names(await store().tenants.list({ limit: 9 })).sort()).toEqual([...memberships.keys()].sort());
      expect(await store().tenants.create(tenant('first'), audit, { person: 'bob', most: 3 })).toBe('taken');
      expect((await store().members.grants('bob')).memberships.size).toBe(0);
    });

    test('lists page by name, by prefix and by label', async () => {
      for (const name of ['b-1', 'a-2', 'a-1', 'c-1', 'a-3']) {
        await store().tenants.create(
          tenant(name, { labels: name.endsWith('1') ? { one: 'yes' } : { one: 'no' } }),
          audit,
        );
      }
      const list = async (page: Parameters<Store['tenants']['list']>[0]) => names(await store().tenants.list(page));
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
      await store().tenants.create(tenant('acme'), audit);
      expect(await store().tenants.update(tenant('acme', { displayName: 'New', labels: { a: 'b' } }), audit)).toBe(
        true,
      );
      expect(await store().tenants.update(tenant('acme', { displayName: 'Stale' }), audit)).toBe(false);
      expect(await store().tenants.update(tenant('gone'), audit)).toBe(false);
      expect(await store().tenants.find('acme')).toMatchObject({ displayName: 'New', labels: { a: 'b' }, version: 2 });
    });

    test('an update leaves the head where it is', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await committed(store(), commit('acme', 1));
      await store().tenants.update(tenant('acme'), audit);
      expect((await store().tenants.find('acme'))?.revision).toBe(1);
    });

    test('the snapshot pages over tenants that have a gateway now', async () => {
      for (const name of ['a', 'b', 'c', 'd']) await store().tenants.create(tenant(name), audit);
      for (const name of ['a', 'c', 'd']) await committed(store(), commit(name, 1, { puts: [['gateway', 'g']] }));
      await committed(store(), commit('b', 1, { puts: [['route', 'r']] }));
      await committed(store(), commit('d', 2, { deletes: [['gateway', 'g']] }));
      const all = [
        { name: 'a', revision: 1 },
        { name: 'c', revision: 1 },
      ];
      expect(await store().tenants.listWithGateways({ limit: 9 })).toEqual(all);
      expect(await store().tenants.listWithGateways({ limit: 1 })).toEqual(all.slice(0, 1));
      expect(await store().tenants.listWithGateways({ limit: 9, after: 'a' })).toEqual(all.slice(1));
    });
  });

  describe('suspending a tenant', () => {
    const change = { name: 'acme', version: 1, createdAt: at, head: 'other', suspendedAt: at, suspendedReason: 'test' };

    test('notifies the fleets that may serve it, and refuses commits on the head before', async () => {
      await store().fleets.create(fleet('public'), audit);
      await store().fleets.create(fleet('own', { tenant: 'acme' }), audit);
      await store().fleets.create(fleet('foreign', { tenant: 'other' }), audit);
      for (const name of ['acme', 'other']) await store().tenants.create(tenant(name), audit);
      const shown = async (name: string) => (await store().feed.read(name, 1, 9)).rows;
      const on = (number: number, more: Change = {}) => commit('acme', number, { fleetGeneration: 3, ...more });
      await committed(store(), on(1, { puts: [['gateway', 'g']], to: ['public'] }));

      for (const other of [{ version: 2 }, { createdAt: at - 1 }])
        expect(await store().tenants.changeState({ ...change, ...other }, audit)).toEqual({ ok: false, seqs: [] });
      const { ok, seqs } = await store().tenants.changeState(change, audit);
      expect(ok).toBe(true);
      expect(seqs.map(({ fleet }) => fleet).sort()).toEqual(['own', 'public']);
      const { suspendedAt, suspendedReason } = change;
      expect(await store().tenants.find('acme')).toEqual(
        tenant('acme', { revision: 1, head: 'other', version: 2, suspendedAt, suspendedReason }),
      );
      expect((await shown('public')).at(-1)).toMatchObject({ tenant: 'acme', revision: 1, base: 0, isClosed: true });
      expect(await store().tenants.listWithGateways({ limit: 9 })).toMatchObject([{ name: 'acme', isClosed: true }]);
      expect(await store().commits.write(on(2))).toEqual({ ok: false, conflict: 'revision' });

      await store().tenants.changeState({ name: 'acme', version: 2, createdAt: at, head: 'third' }, audit);
      expect(await store().tenants.find('acme')).toEqual(tenant('acme', { revision: 1, head: 'third', version: 3 }));
      expect((await shown('public')).some(({ isClosed }) => isClosed)).toBe(false);
      await committed(store(), on(2, { head: { id: 'fourth', parent: 'third' } }));
    });

    test('the deleted ones are found when their time has come', async () => {
      for (const [index, name] of ['a', 'b', 'c'].entries()) {
        await store().tenants.create(tenant(name), audit);
        if (name !== 'c')
          await store().tenants.changeState(
            { name, version: 1, createdAt: at, head: name, deletedAt: at + index },
            audit,
          );
      }
      expect(await store().tenants.deletedBy(at, 9)).toEqual(['a']);
      expect(await store().tenants.deletedBy(at + 9, 9)).toEqual(['a', 'b']);
    });
  });

  describe('removing a tenant', () => {
    test('takes all it has, and a later tenant of that name starts empty', async () => {
      await store().tenants.create(tenant('acme'), audit);
      const puts: [['gateway', 'g']] = [['gateway', 'g']];
      const keys = [{ id: 'k', keyId: '1', sealed: 's' }];
      await committed(store(), commit('acme', 1, { puts, keys, add: ['a.example.com'] }));
      await store().tokens.create(
        { id: 't1', tenant: 'acme', description: '', scopes: ['read'], createdAt: at, prefix: 'gh' },
        'hash',
        audit,
      );
      for (const other of [{ version: 2 }, { createdAt: at - 1 }])
        expect(await store().tenants.remove(tenant('acme', other), audit)).toEqual({ ok: false, seqs: [] });
      expect(await store().tenants.update(tenant('acme', { createdAt: at - 1 }), audit)).toBe(false);
      expect(await store().tenants.remove(tenant('acme'), audit)).toEqual({ ok: true, seqs: [] });
      expect(await store().tenants.remove(tenant('acme'), audit)).toEqual({ ok: false, seqs: [] });

      expect(await store().tenants.find('acme')).toBeUndefined();
      expect(await store().tokens.findByHash('hash')).toBeUndefined();
      await store().tenants.create(tenant('acme'), audit);
      expect(await store().configuration.resources('acme')).toEqual([]);
      expect(await store().revisions.list('acme', { limit: 9 })).toEqual([]);
      expect(await store().keys.find('acme', ['k'])).toEqual([]);
      await store().tenants.create(tenant('other'), audit);
      await committed(store(), commit('other', 1, { add: ['a.example.com'] }));
    });

    test('tells every fleet that could have served it', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().fleets.create(fleet('private', { tenant: 'acme' }), audit);
      await store().fleets.create(fleet('public'), audit);
      await store().fleets.create(fleet('theirs', { tenant: 'other' }), audit);
      await committed(store(), commit('acme', 1, { to: ['public'], fleetGeneration: 3 }));

      const { seqs } = await store().tenants.remove(tenant('acme'), audit);
      const left = Object.fromEntries(seqs.map(({ fleet, seq }) => [fleet, seq]));
      expect(left).toEqual({ private: 2, public: 3 });
      const { rows } = await store().feed.read('public', 1, 9);
      expect(rows).toEqual([{ seq: 3, tenant: 'acme', revision: 0, base: 0, leaves: true, createdAt: at }]);
    });
  });
}
