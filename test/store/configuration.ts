import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../api/store/store.ts';
import { at, audit, byKey, commit, committed, names, type Put, tenant } from './fixtures.ts';

export function describeConfiguration(store: () => Store): void {
  describe('configuration', () => {
    beforeEach(async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().tenants.create(tenant('other'), audit);
      const first: Put[] = [
        ['route', 'b', { v: 1 }],
        ['gateway', 'z', { v: 1 }],
        ['route', 'a', { v: 1 }],
      ];
      await committed(store(), commit('acme', 1, { puts: first }));
      await committed(store(), commit('acme', 2, { puts: [['route', 'b', { v: 2 }]], deletes: [['route', 'a']] }));
      await committed(store(), commit('acme', 3, { puts: [['route', 'a', { v: 3 }]], deletes: [['gateway', 'z']] }));
      await committed(store(), commit('other', 1, { puts: [['route', 'theirs']] }));
    });

    test('the head is sorted by kind and name and is the tenant alone', async () => {
      expect(await store().configuration.resources('acme')).toEqual([
        { kind: 'route', name: 'a', spec: { v: 3 }, revision: 3, updatedAt: at + 3 },
        { kind: 'route', name: 'b', spec: { v: 2 }, revision: 2, updatedAt: at + 2 },
      ]);
      expect(await store().configuration.resources('nobody')).toEqual([]);
    });

    test('every revision keeps its own snapshot', async () => {
      const at = async (revision: number) => byKey(await store().configuration.resources('acme', revision));
      expect(await at(0)).toEqual({});
      expect(await at(1)).toEqual({ 'gateway/z': { v: 1 }, 'route/a': { v: 1 }, 'route/b': { v: 1 } });
      expect(await at(2)).toEqual({ 'gateway/z': { v: 1 }, 'route/b': { v: 2 } });
      expect(await at(3)).toEqual({ 'route/a': { v: 3 }, 'route/b': { v: 2 } });
    });

    test('one resource, now and then', async () => {
      expect(await store().configuration.resource('acme', 'route', 'b')).toMatchObject({
        spec: JSON.stringify({ v: 2 }),
        revision: 2,
      });
      expect(await store().configuration.resource('acme', 'route', 'b', 1)).toMatchObject({
        spec: JSON.stringify({ v: 1 }),
        revision: 1,
      });
      expect(await store().configuration.resource('acme', 'gateway', 'z')).toBeUndefined();
      expect(await store().configuration.resource('acme', 'gateway', 'z', 2)).toMatchObject({
        spec: JSON.stringify({ v: 1 }),
      });
      expect(await store().configuration.resource('acme', 'route', 'a', 2)).toBeUndefined();
      expect(await store().configuration.resource('other', 'route', 'a')).toBeUndefined();
      expect(await store().configuration.resource('acme', 'upstream', 'a')).toBeUndefined();
    });

    test.for([
      [0, 3, ['route/a', 'route/b'], ['gateway/z']],
      [0, 1, ['gateway/z', 'route/a', 'route/b'], []],
      [1, 2, ['route/b'], ['route/a']],
      [1, 3, ['route/a', 'route/b'], ['gateway/z']],
      [2, 3, ['route/a'], ['gateway/z']],
      [3, 3, [], []],
    ] as const)('changes in (%i, %i]', async ([from, to, puts, deletes]) => {
      const changes = await store().configuration.changes('acme', from, to);
      const keys = (rows: { kind: string; name: string }[]) => rows.map(({ kind, name }) => `${kind}/${name}`);
      expect(keys(changes.puts)).toEqual(puts);
      expect(keys(changes.deletes)).toEqual(deletes);
    });

    test('changes contain the state at their last revision, not at the head', async () => {
      const { puts } = await store().configuration.changes('acme', 0, 1);
      expect(byKey(puts)['route/b']).toEqual({ v: 1 });
    });

    test('revisions are read newest first, a page at a time', async () => {
      const numbers = async (page: Parameters<Store['revisions']['list']>[1]) =>
        (await store().revisions.list('acme', page)).map(({ number }) => number);
      expect(await numbers({ limit: 2 })).toEqual([3, 2]);
      expect(await numbers({ limit: 2, after: '2' })).toEqual([1]);
      expect(await numbers({ limit: 2, after: '1' })).toEqual([]);
    });

    test('the sizes of revisions are known before they are read', async () => {
      const sizes = await store().revisions.sizes('acme', { limit: 2, after: '3' });
      const found = await store().revisions.list('acme', { limit: 2, after: '3' });
      expect(sizes).toEqual(found.map(({ number, changes }) => ({ number, size: JSON.stringify(changes).length })));
    });

    test('a revision is read as it was made', async () => {
      const made = commit('acme', 4, { puts: [['route', 'c']], deletes: [['route', 'a']] });
      made.revision.restores = 1;
      await committed(store(), made);
      expect(await store().revisions.find('acme', 4)).toEqual({ tenant: 'acme', ...made.revision });
      expect(await store().revisions.find('acme', 3)).not.toHaveProperty('restores');
      expect(await store().revisions.find('acme', 5)).toBeUndefined();
    });

    test('large contents are read in pieces, without those that were pruned meanwhile', async () => {
      const specs = [100_000, 100_000, 100_000, 2, 300_000].map((length) => ({ text: 'é'.repeat(length / 2) }));
      const puts = specs.map((spec, i): Put => ['upstream', `u${i}`, spec]);
      await committed(store(), commit('acme', 4, { puts }));
      const outlines = await store().configuration.listOutlines('acme', 'upstream', { limit: 9 });
      expect(outlines.map(({ size }) => size)).toEqual(specs.map((spec) => Buffer.byteLength(JSON.stringify(spec))));
      const read = async () => Array.fromAsync(store().configuration.contents('acme', outlines));
      const pieces = await read();
      expect(pieces.map(names)).toEqual([
        ['u0', 'u1', 'u2'],
        ['u3', 'u4'],
      ]);
      expect(pieces.flat().map(({ spec }) => JSON.parse(spec))).toEqual(specs);
      expect(await store().configuration.outlines('acme')).toMatchObject([
        { kind: 'route' },
        { kind: 'route' },
        ...outlines,
      ]);
      await committed(store(), commit('acme', 5, { deletes: puts.map(([kind, name]) => [kind, name]) }));
      await store().retention.pruneRevisions('acme', { keep: 1, since: Number.MAX_SAFE_INTEGER }, 100);
      // What an outline contains is not read again.
      expect((await read()).map(names)).toEqual([[], ['u3']]);
    });

    test('the deletion of a missing resource changes nothing else', async () => {
      await committed(store(), commit('acme', 4, { deletes: [['upstream', 'none']] }));
      expect(byKey(await store().configuration.resources('acme'))).toEqual({
        'route/a': { v: 3 },
        'route/b': { v: 2 },
      });
    });
  });

  describe('lists of one kind', () => {
    const list = async (page: Parameters<Store['configuration']['list']>[2]) =>
      names(await store().configuration.list('acme', 'route', page));

    beforeEach(async () => {
      await store().tenants.create(tenant('acme'), audit);
      const routes: Put[] = ['b-1', 'a-2', 'a-1', 'c-1'].map((name) => [
        'route',
        name,
        { labels: { team: name.endsWith('1') ? 'one' : 'two' } },
      ]);
      await committed(store(), commit('acme', 1, { puts: [...routes, ['upstream', 'a-0', {}]] }));
      await committed(store(), commit('acme', 2, { puts: [['route', 'a-1', {}]], deletes: [['route', 'c-1']] }));
    });

    test('page by name', async () => {
      expect(await list({ limit: 2 })).toEqual(['a-1', 'a-2']);
      expect(await list({ limit: 2, after: 'a-2' })).toEqual(['b-1']);
      expect(await list({ limit: 9, after: 'b-1' })).toEqual([]);
    });

    test('filter by prefix and by label', async () => {
      expect(await list({ limit: 9, prefix: 'a-' })).toEqual(['a-1', 'a-2']);
      expect(await list({ limit: 9, label: ['team', 'one'] })).toEqual(['b-1']);
      expect(await list({ limit: 9, label: ['team', 'two'], prefix: 'a' })).toEqual(['a-2']);
      expect(await list({ limit: 9, label: ['team', 'two'], prefix: 'b' })).toEqual([]);
    });

    test('read as of a revision', async () => {
      expect(await list({ limit: 9, revision: 1 })).toEqual(['a-1', 'a-2', 'b-1', 'c-1']);
      expect(await list({ limit: 9, revision: 1, label: ['team', 'one'], after: 'a-1' })).toEqual(['b-1', 'c-1']);
    });
  });
}
