import { beforeEach, describe, expect, test } from 'vitest';
import type { Node } from '../../api/store/nodes.ts';
import type { NodeRejection } from '../../api/store/rejections.ts';
import type { Store } from '../../api/store/store.ts';
import { at, audit, byKey, type Change, commit, committed, fleet, tenant } from './fixtures.ts';

const ROOM = 100;
/** Revision n is made at `at + n`. */
const all = Number.MAX_SAFE_INTEGER;

export function describeRetention(store: () => Store): void {
  describe('retention of revisions', () => {
    let fleetGeneration: number;
    beforeEach(async () => {
      await store().fleets.create(fleet('public'), audit);
      fleetGeneration = await store().fleets.generation();
      await store().tenants.create(tenant('acme'), audit);
    });

    /** One route that every revision changes, one that none does, and one that comes and goes. */
    async function publish(upTo: number, more: Change = {}): Promise<void> {
      for (let n = 1; n <= upTo; n++) {
        const puts: Change['puts'] = [['route', 'often', { n }]];
        if (n === 1) puts.push(['route', 'once', { n }]);
        if (n % 2 === 1) puts.push(['upstream', `u${n}`, { n }]);
        const deletes: Change['deletes'] = n % 2 === 0 ? [['upstream', `u${n - 1}`]] : [];
        await committed(store(), commit('acme', n, { puts, deletes, fleetGeneration, ...more }));
      }
    }
    const prune = async (keep: number, since = all, limit = ROOM) => {
      while (await store().retention.pruneRevisions('acme', { keep, since }, limit));
    };
    const oldest = async () => (await store().tenants.find('acme'))!.oldest;
    const numbers = async () =>
      (await store().revisions.list('acme', { limit: 500 })).map(({ number }) => number).reverse();

    test('keeps the last revisions whole, and forgets the others', async () => {
      await publish(9);
      const before = await Promise.all([7, 8, 9].map((n) => store().configuration.resources('acme', n)));
      const changed = await store().configuration.changes('acme', 7, 9);
      expect(await store().retention.superseded('default', { limit: 9 }, { keep: 3, since: all })).toEqual(['acme']);
      expect(await store().retention.superseded('trial', { limit: 9 }, { keep: 3, since: all })).toEqual([]);
      await prune(3);
      expect(await oldest()).toBe(7);
      expect(await numbers()).toEqual([7, 8, 9]);
      expect(await Promise.all([7, 8, 9].map((n) => store().configuration.resources('acme', n)))).toEqual(before);
      expect(await store().configuration.changes('acme', 7, 9)).toEqual(changed);
      expect(await store().configuration.resources('acme')).toEqual(before[2]);
      expect(await store().retention.superseded('default', { limit: 9 }, { keep: 3, since: all })).toEqual([]);
    });

    test('keeps what was the head at the instant, or since', async () => {
      await publish(9);
      await prune(1, at + 5);
      expect(await oldest()).toBe(5);
      expect(await numbers()).toEqual([5, 6, 7, 8, 9]);
      expect(byKey(await store().configuration.resources('acme', 5))).toMatchObject({
        'route/often': { n: 5 },
        'upstream/u5': { n: 5 },
      });
    });

    test('nothing of it goes when either term keeps it', async () => {
      await publish(5);
      await prune(1, at);
      await prune(9, all);
      expect([await oldest(), await numbers()]).toEqual([1, [1, 2, 3, 4, 5]]);
      expect(await store().retention.superseded('default', { limit: 9 }, { keep: 9, since: all })).toEqual([]);
      expect(await store().retention.superseded('default', { limit: 9 }, { keep: 1, since: at })).toEqual([]);
    });

    test('goes in batches no larger than asked for', async () => {
      await publish(9);
      let batches = 1;
      while (await store().retention.pruneRevisions('acme', { keep: 1, since: all }, 3)) batches++;
      expect(batches).toBeGreaterThanOrEqual(4);
      expect(await numbers()).toEqual([9]);
      expect(byKey(await store().configuration.resources('acme', 9))).toEqual({
        'route/often': { n: 9 },
        'route/once': { n: 1 },
        'upstream/u9': { n: 9 },
      });
    });

    test('what was left half done is found again', async () => {
      await publish(9);
      await store().retention.pruneRevisions('acme', { keep: 1, since: all }, 2);
      expect(await oldest()).toBe(9);
      expect(await store().retention.superseded('default', { limit: 9 }, { keep: 1, since: all })).toEqual(['acme']);
    });

    test('rows that the feed still needs for its events are kept', async () => {
      await publish(9, { to: ['public'] });
      await prune(1);
      expect(await oldest()).toBe(1);
      await store().retention.pruneFeed('public', 4, ROOM);
      await prune(1);
      // Rows of 6, 7, 8 and 9 are left; the first tells what changed since 5.
      expect(await oldest()).toBe(5);
      const { puts, deletes } = await store().configuration.changes('acme', 5, 6);
      expect(byKey(puts)).toEqual({ 'route/often': { n: 6 } });
      expect(deletes).toEqual([{ kind: 'upstream', name: 'u5' }]);
    });

    test('nothing goes that a node was left with when it refused a revision', async () => {
      await publish(9);
      await store().nodes.save([], [rejection('acme', 4)]);
      await prune(1);
      expect(await oldest()).toBe(3);
      await store().retention.expire('rejection', all, ROOM);
      await prune(1);
      expect(await oldest()).toBe(9);
    });

    test('the oldest go early when a tenant wrote too much, whatever refers to them', async () => {
      await publish(9, { to: ['public'] });
      const { seq } = (await store().fleets.find('public'))!;
      await store().nodes.save([], [rejection('acme', 4), rejection('acme', 9)]);
      const { fitting, release, pruneRevisions } = store().retention;
      expect(await fitting('acme', 1_000_000)).toBeUndefined();
      expect(await fitting('acme', 1)).toMatchObject({ first: 9 });
      const { first, mean } = (await fitting('acme', 3_500))!;
      expect([first, Math.floor(mean / 100)]).toEqual([7, 5]);
      const pruned = async () => {
        while (await pruneRevisions('acme', { keep: 1_000, since: at, first }, 3));
        return numbers();
      };
      // The feed still needs them.
      expect(await pruned()).toHaveLength(9);
      while (await release('acme', first, 2));
      const { rows } = await store().feed.read('public', seq - 9, 99);
      expect(rows.map(({ base, revision }) => [base, revision])).toEqual([
        [0, 7],
        [7, 8],
        [8, 9],
      ]);
      const before = await Promise.all([7, 8, 9].map((n) => store().configuration.resources('acme', n)));
      expect(await pruned()).toEqual([7, 8, 9]);
      expect(await oldest()).toBe(7);
      expect(await Promise.all([7, 8, 9].map((n) => store().configuration.resources('acme', n)))).toEqual(before);
      expect(await store().rejections.list('acme', 9)).toHaveLength(1);
    });

    test('a fleet that no longer serves a tenant still learns it when the events before are released', async () => {
      await publish(2, { to: ['public'] });
      const leave = commit('acme', 3, { fleetGeneration, feeds: [{ fleet: 'public', base: 2, leaves: true }] });
      await committed(store(), leave);
      await committed(store(), commit('acme', 4, { fleetGeneration, puts: [['route', 'often', { n: 4 }]] }));
      const { seq } = (await store().fleets.find('public'))!;
      await store().retention.release('acme', 4, ROOM);
      const { rows } = await store().feed.read('public', seq - 3, 9);
      expect(rows.map(({ revision, leaves }) => [revision, leaves])).toEqual([[3, true]]);
      await store().retention.pruneRevisions('acme', { keep: 9, since: at, first: 4 }, ROOM);
      expect(await oldest()).toBe(4);
    });

    test('goes beside writers, who lose nothing by it', async () => {
      await publish(20);
      const writing = (async () => {
        for (let n = 21; n <= 60; n++) {
          const made = commit('acme', n, { puts: [['route', 'often', { n }]], fleetGeneration });
          await committed(store(), made);
        }
      })();
      let done = false;
      void writing.finally(() => {
        done = true;
      });
      while (!done) await store().retention.pruneRevisions('acme', { keep: 2, since: all }, 5);
      await writing;
      await prune(2);
      expect(await numbers()).toEqual([59, 60]);
      expect(byKey(await store().configuration.resources('acme', 59))).toMatchObject({
        'route/often': { n: 59 },
        'route/once': { n: 1 },
      });
    });

    test('a tenant that is created again under its name starts without revisions', async () => {
      await publish(5);
      await prune(1);
      await store().tenants.remove(tenant('acme'), audit);
      await store().tenants.create(tenant('acme'), audit);
      expect(await oldest()).toBe(1);
    });
  });

  describe('retention of the rest', () => {
    const node = (name: string, more: Partial<Node> = {}): Node => ({
      ...{
        fleet: 'public',
        name,
        agent: 'a',
        version: '1.40.0',
        connected: true,
        acked: 0,
        live: 0,
        ahead: 0,
        behind: [],
        lastSeenAt: at,
        listenerRejections: [],
      },
      ...more,
    });
    beforeEach(async () => {
      await store().fleets.create(fleet('public'), audit);
      for (const name of ['acme', 'other']) await store().tenants.create(tenant(name), audit);
    });
    async function told(revisions: number): Promise<number> {
      const fleetGeneration = await store().fleets.generation();
      for (let n = 1; n <= revisions; n++)
        await committed(store(), commit('acme', n, { to: ['public'], fleetGeneration, puts: [['route', 'a']] }));
      return (await store().fleets.find('public'))!.seq;
    }
    const left = async () =>
      (await store().feed.ofRevision('acme', 1)).length + (await store().feed.ofRevision('acme', 2)).length;

    test('old feed rows are deleted in small batches, and a reader that is behind needs a snapshot', async () => {
      const head = await told(6);
      expect(await store().retention.expireFeed('public', at + 5, 2)).toBe(true);
      expect(await left()).toBe(0);
      while (await store().retention.expireFeed('public', at + 5, 2));
      expect((await store().feed.read('public', head - 3, 9)).tooOld).toBe(true);
      const { tooOld, rows } = await store().feed.read('public', head - 2, 9);
      expect([tooOld, rows.map(({ revision }) => revision)]).toEqual([false, [5, 6]]);
      expect(await store().retention.expireFeed('public', at + 5, 2)).toBe(false);
    });

    test('the feed keeps what a connected node has yet to pass, however old', async () => {
      const head = await told(6);
      const seen = at + 100;
      await store().nodes.save(
        [
          node('slow', { acked: head - 1, live: head - 4, lastSeenAt: seen }),
          node('quick', { live: head, lastSeenAt: seen }),
          node('away', { connected: false, live: head - 5, lastSeenAt: seen }),
          node('lost', { live: head - 5, lastSeenAt: at }),
        ],
        [],
      );
      while (await store().retention.expireFeed('public', at + 50, 2));
      const { tooOld, rows } = await store().feed.read('public', head - 4, 9);
      expect([tooOld, rows.length]).toEqual([false, 4]);
      expect((await store().feed.read('public', head - 5, 9)).tooOld).toBe(true);
    });

    test('nodes go when nothing was heard of them for long', async () => {
      await store().nodes.save([node('a'), node('b', { lastSeenAt: at + 9 }), node('c'), node('d')], []);
      expect(await store().retention.expire('node', at + 5, 2)).toBe(true);
      expect(await store().retention.expire('node', at + 5, 2)).toBe(false);
      expect((await store().nodes.list('public', { limit: 9 })).map(({ name }) => name)).toEqual(['b']);
    });

    test('old rejections are deleted, except those of a head', async () => {
      await told(2);
      await store().nodes.save(
        [],
        [rejection('acme', 1), rejection('acme', 2), { ...rejection('acme', 1, 'b'), at: at + 9 }],
      );
      while (await store().retention.expire('rejection', at + 5, 1));
      expect((await store().rejections.list('acme', 1)).map(({ node }) => node)).toEqual(['b']);
      expect(await store().rejections.list('acme', 2)).toHaveLength(1);
    });

    test('idempotency keys go when they are old', async () => {
      for (const [key, when] of [
        ['a', at],
        ['b', at + 1],
        ['c', at + 9],
      ] as const)
        await store().idempotency.reserve({ owner: 'o', key }, 'h', when);
      expect(await store().retention.expire('idempotency', at + 5, 2)).toBe(true);
      expect(await store().retention.expire('idempotency', at + 5, 2)).toBe(false);
      expect(await Promise.all(['a', 'b', 'c'].map((key) => store().idempotency.find('o', key, at)))).toMatchObject([
        undefined,
        undefined,
        { requestHash: 'h' },
      ]);
    });

    test('the audit goes when it is old, a few rows at a time', async () => {
      // The fleet and two tenants have left a row each.
      await store().tenants.create(tenant('late'), { ...audit, at: at + 9 });
      expect(await store().retention.expire('audit', at + 5, 2)).toBe(true);
      expect(await store().retention.expire('audit', at + 5, 2)).toBe(false);
      expect(await store().retention.expire('audit', at + 10, 1)).toBe(true);
      expect(await store().retention.expire('audit', at + 10, 1)).toBe(false);
      await store().retention.tidy();
    });
  });
}

const rejection = (tenant: string, revision: number, node = 'a'): NodeRejection => ({
  ...{ tenant, revision, node, fleet: 'public', resource: 'routes/a', path: '', message: 'no', at },
});
