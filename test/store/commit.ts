import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../api/store/store.ts';
import { at, audit, byKey, commit, committed, fleet, headId, type Put, tenant } from './fixtures.ts';

export function describeCommit(store: () => Store): void {
  describe('commit', () => {
    beforeEach(async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().tenants.create(tenant('other'), audit);
    });

    test('moves the head', async () => {
      await committed(store(), commit('acme', 1));
      expect((await store().tenants.find('acme'))?.revision).toBe(1);
    });

    test('of writers of one revision, one wins and nothing of the others is kept', async () => {
      const writers = ['a', 'b', 'c', 'd'];
      const outcomes = await Promise.all(
        writers.map((name) => store().commits.write(commit('acme', 1, { puts: [['route', name]] }))),
      );
      const winners = writers.filter((_, i) => outcomes[i]?.ok);
      expect(winners).toHaveLength(1);
      expect(outcomes.filter(({ ok }) => !ok)).toEqual(Array(3).fill({ ok: false, conflict: 'revision' }));
      expect(Object.keys(byKey(await store().configuration.resources('acme')))).toEqual([`route/${winners[0]}`]);
    });

    test.for([
      ['a revision that exists', 1],
      ['a revision past the next', 3],
    ] as const)('%s conflicts', async ([, number]) => {
      await committed(store(), commit('acme', 1));
      expect(await store().commits.write(commit('acme', number))).toEqual({ ok: false, conflict: 'revision' });
    });

    test('the next number on a parent that is not the head conflicts', async () => {
      await committed(store(), commit('acme', 1));
      const skewed = commit('acme', 2);
      skewed.revision.parent = 0;
      expect(await store().commits.write(skewed)).toEqual({ ok: false, conflict: 'revision' });
    });

    test('the next number on another head of the same number conflicts, and so does what was built on it', async () => {
      await committed(store(), commit('acme', 1, { head: { id: 'one', parent: headId(0) } }));
      // Another process also built revision 1, lost, and has built on it.
      const phantom = commit('acme', 2, { head: { id: 'two', parent: 'other' } });
      const child = commit('acme', 3, { head: { id: 'three', parent: 'two' } });
      expect(await Promise.all([store().commits.write(phantom), store().commits.write(child)])).toEqual(
        Array(2).fill({ ok: false, conflict: 'revision' }),
      );
      await committed(store(), commit('acme', 2, { head: { id: 'two', parent: 'one' } }));
      expect(await store().tenants.find('acme')).toMatchObject({ revision: 2, head: 'two' });
    });

    test('commits that build on each other go through in the order they were sent', async () => {
      const sent = Array.from({ length: 12 }, (_, i) => store().commits.write(commit('acme', i + 1)));
      expect((await Promise.all(sent)).map(({ ok }) => ok)).toEqual(sent.map(() => true));
    });

    test('a tenant of the same name and revision that is not the one that was loaded conflicts', async () => {
      await committed(store(), commit('acme', 1, { tenantCreatedAt: at }));
      const loaded = commit('acme', 2, { tenantCreatedAt: at });
      await store().tenants.remove(tenant('acme'), audit);
      await store().tenants.create(tenant('acme', { createdAt: at + 1 }), audit);
      await committed(store(), commit('acme', 1));
      expect(await store().commits.write(loaded)).toEqual({ ok: false, conflict: 'revision' });
    });

    test('a tenant that is gone conflicts', async () => {
      expect(await store().commits.write(commit('nobody', 1))).toEqual({ ok: false, conflict: 'revision' });
      expect(await store().revisions.find('nobody', 1)).toBeUndefined();
    });

    test('fleets that changed since conflict', async () => {
      await store().fleets.create(fleet('public'), audit);
      const stale = commit('acme', 1, { fleetGeneration: 0 });
      expect(await store().commits.write(stale)).toEqual({ ok: false, conflict: 'fleets' });
      await committed(store(), commit('acme', 1, { fleetGeneration: await store().fleets.generation() }));
    });

    test('a batch that fails at its end leaves nothing of its beginning', async () => {
      await store().fleets.create(fleet('public'), audit);
      await committed(store(), commit('other', 1, { add: ['taken.example.com'], fleetGeneration: 1 }));
      await committed(store(), commit('acme', 1, { puts: [['route', 'kept', { v: 1 }]], fleetGeneration: 1 }));
      const doomed = commit('acme', 2, {
        puts: [
          ['route', 'kept', { v: 2 }],
          ['route', 'new'],
        ],
        keys: [{ id: 'k', keyId: '1', sealed: 's' }],
        add: ['free.example.com', 'taken.example.com'],
        to: ['public'],
        fleetGeneration: 1,
      });
      expect(await store().commits.write(doomed)).toEqual({
        ok: false,
        conflict: 'host',
        hosts: ['taken.example.com'],
      });
      expect((await store().tenants.find('acme'))?.revision).toBe(1);
      expect(await store().revisions.find('acme', 2)).toBeUndefined();
      expect(byKey(await store().configuration.resources('acme'))).toEqual({ 'route/kept': { v: 1 } });
      expect(await store().keys.find('acme', ['k'])).toEqual([]);
      expect((await store().fleets.find('public'))?.seq).toBe(1);
      // The free host was not kept either.
      await committed(store(), commit('other', 2, { add: ['free.example.com'], fleetGeneration: 1 }));
    });

    test('certificates keep what is known of them beside', async () => {
      const info = {
        fingerprintSha256: 'f',
        publicKeySha256: 'p',
        dnsNames: ['a.example.com'],
        notBefore: '2026-01-01T00:00:00Z',
        notAfter: '2027-01-01T00:00:00Z',
        keyType: 'ECDSA P-256',
      };
      const made = commit('acme', 1);
      made.puts = [{ kind: 'certificate', name: 'c', spec: { certificateChain: 'PEM' }, info }];
      await committed(store(), made);
      expect(await store().configuration.resource('acme', 'certificate', 'c')).toMatchObject({
        info: JSON.stringify(info),
      });
    });

    test('sealed keys are kept per tenant and replaced when sealed anew', async () => {
      const key = (id: string, keyId: string) => ({ id, keyId, sealed: `${id} under ${keyId}` });
      await committed(store(), commit('acme', 1, { keys: [key('a', '1'), key('b', '1')] }));
      await committed(store(), commit('acme', 2, { keys: [key('a', '2')] }));
      expect(await store().keys.find('acme', ['b', 'a', 'c'])).toEqual([key('a', '2'), key('b', '1')]);
      expect(await store().keys.find('other', ['a'])).toEqual([]);
      expect(await store().keys.find('acme', [])).toEqual([]);
    });

    test('a large revision is one batch all the same', async () => {
      const name = (i: number) => `r${String(i).padStart(4, '0')}`;
      const puts: Put[] = Array.from({ length: 1200 }, (_, i) => ['route', name(i), { i }]);
      const add = Array.from({ length: 600 }, (_, i) => `${i % 2 ? '' : '*.'}h${i}.example.com`);
      await committed(store(), commit('acme', 1, { puts, add }));
      expect(await store().configuration.resources('acme')).toHaveLength(1200);
      expect(await store().commits.write(commit('other', 1, { add }))).toEqual({
        ok: false,
        conflict: 'host',
        hosts: add,
      });
      await committed(store(), commit('acme', 2, { remove: add }));
      await committed(store(), commit('other', 1, { add }));
      expect(await store().keys.find('acme', add)).toEqual([]);
    });
  });
}
