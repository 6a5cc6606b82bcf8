import { beforeEach, describe, expect, test } from 'vitest';
import { EXPIRE_ENDPOINTS, type RegisteredEndpoint } from '../../api/store/endpoints.ts';
import type { Store } from '../../api/store/store.ts';
import { at, audit, commit, committed, fleet, headId, tenant } from './fixtures.ts';

const TTL = 30_000;
const GRACE = 10_000;

export function describeEndpoints(store: () => Store): void {
  describe('registered endpoints', () => {
    let fleetGeneration: number;

    beforeEach(async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().fleets.create(fleet('public'), audit);
      await store().fleets.create(fleet('internal'), audit);
      fleetGeneration = await store().fleets.generation();
      const puts = ['app', 'other'].map((name): ['upstream', string] => ['upstream', name]);
      await committed(store(), commit('acme', 1, { puts, to: ['public'], fleetGeneration }));
    });

    const row = (id: string, more: Partial<RegisteredEndpoint> = {}): RegisteredEndpoint => ({
      tenant: 'acme',
      upstream: 'app',
      id,
      endpoint: JSON.stringify({ address: '10.0.0.1' }),
      labels: '{}',
      ttl: TTL,
      expiresAt: at + TTL,
      registeredAt: at,
      ...more,
    });
    const change = (more: object) =>
      store().endpoints.write({
        tenant: 'acme',
        head: { revision: 1, id: headId(1), tenantCreatedAt: at },
        others: [],
        fleetGeneration,
        puts: [],
        removes: [],
        fleets: ['public', 'internal'],
        at,
        ...more,
      });
    /** The job last succeeded at this time. */
    const ran = async (now: number, outcome: 'succeeded' | 'failed' = 'succeeded') => {
      await store().jobs.acquire(EXPIRE_ENDPOINTS, { holder: `${now}`, now, until: now + 1, dueAfter: now });
      await store().jobs.finish(EXPIRE_ENDPOINTS, `${now}`, now, outcome);
    };
    const ids = async (now = at) => {
      const page = { limit: 100 };
      const found = await store().endpoints.list({ tenant: 'acme', upstream: 'app' }, page, { now, grace: GRACE });
      return found.map(({ id }) => id);
    };

    test('a change writes its rows and one feed row per fleet, whose revision and base are the head', async () => {
      const [first, second] = [row('b'), row('a', { upstream: 'other' })];
      const done = await change({ puts: [first, second], audit });
      expect(done).toEqual({
        ok: true,
        seqs: [
          { fleet: 'internal', seq: 2 },
          { fleet: 'public', seq: 3 },
        ],
      });
      const upstreams = ['app', 'other'];
      const fed = { tenant: 'acme', revision: 1, base: 1, leaves: false, createdAt: at, upstreams };
      expect((await store().feed.read('internal', 1, 9)).rows).toEqual([{ ...fed, seq: 2 }]);
      expect(await store().feed.ofRevision('acme', 1)).toHaveLength(1);
      const moment = { now: at, grace: GRACE };
      expect(await store().endpoints.find(first, moment)).toEqual(first);
      expect(await store().endpoints.find({ ...first, tenant: 'none' }, moment)).toBeUndefined();
      const { endpoint } = first;
      const lists = upstreams.map((upstream) => ({ tenant: 'acme', upstream, endpoints: [endpoint] }));
      expect(await store().endpoints.ofTenants(['acme', 'none'], moment)).toEqual(lists);
      expect(await store().endpoints.ofUpstreams('acme', ['other', 'none'], moment)).toEqual(lists.slice(1));
      expect(await store().endpoints.ofUpstreams('none', upstreams, moment)).toEqual([]);
    });

    test('of a tenant without fleets are written without feed rows, and listed in pages by id', async () => {
      expect(await change({ puts: ['c', 'a', 'B', 'b'].map((id) => row(id)), fleets: [] })).toEqual({
        ok: true,
        seqs: [],
      });
      expect(await ids()).toEqual(['B', 'a', 'b', 'c']);
      const of = { tenant: 'acme', upstream: 'app' };
      const page = await store().endpoints.list(of, { limit: 2, after: 'a' }, { now: at, grace: GRACE });
      expect(page.map(({ id }) => id)).toEqual(['b', 'c']);
    });

    test.for([
      ['another head', { head: { revision: 1, id: 'other', tenantCreatedAt: at } }, 'head'],
      ['another tenant of the name', { head: { revision: 1, id: headId(1), tenantCreatedAt: at + 1 } }, 'head'],
      ['other fleets', { fleetGeneration: 99 }, 'fleets'],
    ] as const)('a change that was computed from %s writes nothing', async ([, more, conflict]) => {
      expect(await change({ puts: [row('a')], ...more })).toEqual({ ok: false, conflict });
      expect(await ids()).toEqual([]);
      expect((await store().fleets.find('public'))?.seq).toBe(2);
    });

    test('a renewal extends a row with the same content, and writes no feed row', async () => {
      await change({ puts: [row('a')] });
      const later = { now: at + 1000, grace: GRACE };
      const expiresAt = at + 1000 + TTL;
      expect(await store().endpoints.renew(row('a', { expiresAt }), later)).toBe(at);
      expect(await store().endpoints.find(row('a'), later)).toEqual(row('a', { expiresAt }));
      expect((await store().fleets.find('public'))?.seq).toBe(3);
      for (const other of [
        row('b'),
        row('a', { endpoint: '{"address":"10.0.0.2"}' }),
        row('a', { ttl: TTL + 1 }),
        row('a', { tenant: 'none' }),
        row('a', { upstream: 'other' }),
      ])
        expect(await store().endpoints.renew(other, later)).toBeUndefined();
    });

    test('an expired row is neither read nor renewed, as long as the job runs', async () => {
      await change({ puts: [row('a'), row('b', { expiresAt: at + 2 * TTL })] });
      const now = at + TTL;
      await ran(now - GRACE);
      expect(await ids(now - 1)).toEqual(['a', 'b']);
      expect(await ids(now)).toEqual(['b']);
      expect(await store().endpoints.find(row('a'), { now, grace: GRACE })).toBeUndefined();
      expect(await store().endpoints.renew(row('a'), { now, grace: GRACE })).toBeUndefined();
      expect(await store().endpoints.ofUpstreams('acme', ['app'], { now, grace: GRACE })).toMatchObject([
        { endpoints: { length: 1 } },
      ]);
    });

    test('nothing expires while the job does not run, fails, or never ran', async () => {
      await change({ puts: [row('a')] });
      const later = at + 10 * TTL;
      expect(await ids(later)).toEqual(['a']);
      await ran(at + TTL - GRACE - 1);
      expect(await ids(later)).toEqual(['a']);
      expect(await store().endpoints.lastExpiry()).toBe(at + TTL - GRACE - 1);
      await ran(later, 'failed');
      expect(await ids(later)).toEqual(['a']);
      expect(await store().endpoints.lastExpiry()).toBe(0);
      await ran(later + 1);
      expect(await ids(later + 1)).toEqual([]);
    });

    test('after an outage, every row gets its whole time', async () => {
      await change({ puts: [row('a'), row('b', { ttl: 4 * TTL, expiresAt: at + 4 * TTL })] });
      await store().endpoints.extend(at + 2 * TTL);
      const moment = { now: at, grace: GRACE };
      expect((await store().endpoints.find(row('a'), moment))?.expiresAt).toBe(at + 3 * TTL);
      expect((await store().endpoints.find(row('b'), moment))?.expiresAt).toBe(at + 6 * TTL);
      await store().endpoints.extend(at);
      expect((await store().endpoints.find(row('a'), moment))?.expiresAt).toBe(at + 3 * TTL);
    });

    test('the removal of expired rows spares one that was renewed meanwhile', async () => {
      await change({ puts: [row('a'), row('b'), row('c', { expiresAt: at + 2 * TTL })] });
      const now = at + TTL;
      expect(await store().endpoints.expired(now, 9)).toMatchObject([{ id: 'a' }, { id: 'b' }]);
      expect(await store().endpoints.expired(now, 1)).toHaveLength(1);
      await store().endpoints.renew(row('b', { expiresAt: now + TTL }), { now: at, grace: GRACE });
      await change({ removes: [row('a'), row('b')], expiredBy: now });
      expect(await ids()).toEqual(['b', 'c']);
      await change({ removes: [row('b')] });
      expect(await ids()).toEqual(['c']);
    });

    test('are counted by upstream and labels', async () => {
      const labels = '{"version":"v1"}';
      await change({ puts: [row('a'), row('b', { labels }), row('c', { labels }), row('d', { upstream: 'other' })] });
      expect(await store().endpoints.groups('acme')).toEqual([
        { upstream: 'app', labels: { version: 'v1' }, count: 2 },
        { upstream: 'app', labels: {}, count: 1 },
        { upstream: 'other', labels: {}, count: 1 },
      ]);
      expect(await store().endpoints.groups('none')).toEqual([]);
    });

    test('a commit that deletes their upstream removes them, and names it in its feed rows', async () => {
      await change({ puts: [row('a'), row('b', { upstream: 'other' })] });
      await committed(store(), commit('acme', 2, { deletes: [['upstream', 'app']], to: ['public'], fleetGeneration }));
      expect(await ids()).toEqual([]);
      expect(await store().endpoints.groups('acme')).toMatchObject([{ upstream: 'other' }]);
      expect((await store().feed.read('public', 3, 9)).rows).toMatchObject([{ base: 1, upstreams: ['app'] }]);
      expect(await store().feed.ofRevision('acme', 2)).toHaveLength(1);
    });

    test('a commit that requires an upstream without them is refused', async () => {
      await change({ puts: [row('a')] });
      const make = (unregistered: string[]) =>
        commit('acme', 2, { puts: [['upstream', 'app']], unregistered, fleetGeneration });
      expect(await store().commits.write(make(['other', 'app']))).toEqual({ ok: false, conflict: 'revision' });
      await committed(store(), make(['other']));
    });

    test('go with their tenant', async () => {
      await change({ puts: [row('a')] });
      await store().tenants.remove(tenant('acme'), audit);
      expect(await ids()).toEqual([]);
    });
  });
}
