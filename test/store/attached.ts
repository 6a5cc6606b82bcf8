import { beforeEach, describe, expect, test } from 'vitest';
import type { AttachedChange, Attachment } from '../../api/store/attached.ts';
import type { Commit } from '../../api/store/commit.ts';
import type { OtherHead } from '../../api/store/head-guards.ts';
import type { Store } from '../../api/store/store.ts';
import { at, audit, type Change, commit, committed, fleet, headId, tenant } from './fixtures.ts';

/** A change that attaches and releases hosts of gateways of the tenant `platform`. */
export const attach = (
  add: string[],
  more: Partial<AttachedChange> = {},
): Pick<Commit, 'attached' | 'fleetGeneration'> => ({
  fleetGeneration: 1,
  attached: {
    add: add.map((host) => ({ owner: 'platform', host })),
    remove: [],
    replaced: [],
    owners: [],
    routed: { hosts: [], except: [] },
    gatewayOwners: { add: [], remove: [] },
    parents: { add: [], remove: [] },
    refresh: { fleets: [], attached: false, isMoved: false },
    ...more,
  },
});
const judgedOn = (owner: string, revision: number): OtherHead => ({
  ...{ owner, revision, head: headId(revision), tenantCreatedAt: at },
});
const held = (tenant: string, host: string): Attachment => ({ owner: 'platform', tenant, host });

export function describeAttached(store: () => Store): void {
  describe('hosts on shared gateways', () => {
    beforeEach(async () => {
      for (const name of ['platform', 'acme', 'other']) await store().tenants.create(tenant(name), audit);
      await store().fleets.create(fleet('edge'), audit);
    });

    test.for([
      ['a.example.com', 'a.example.com'],
      ['*.example.com', 'a.example.com'],
      ['*.example.com', '*.b.example.com'],
      ['a.b.example.com', '*.example.com'],
    ] as const)('one tenant has %s, another is refused %s', async ([first, second]) => {
      await committed(store(), commit('acme', 1, attach([first])));
      expect(await store().attached.overlapping('other', [{ owner: 'platform', host: second }])).toEqual([
        held('acme', first),
      ]);
      const refused = await store().commits.write(commit('other', 1, attach(['free.test', second])));
      expect(refused).toEqual({ ok: false, conflict: 'revision' });
      expect(await store().attached.of('other')).toEqual([]);
    });

    test('hosts of other owners, and claims of hosts, are no conflict', async () => {
      await committed(store(), commit('platform', 1, { add: ['*.example.com'], fleetGeneration: 1 }));
      await committed(store(), commit('acme', 1, attach(['a.example.com'])));
      const add = [{ owner: 'acme', host: 'a.example.com' }];
      await committed(store(), commit('other', 1, attach([], { add })));
      expect(await store().attached.to('platform', { limit: 10 })).toEqual([held('acme', 'a.example.com')]);
      expect(await store().attached.of('other')).toEqual(add);
    });

    test('of tenants that race for a host, one gets it', async () => {
      const racers = ['acme', 'other'];
      const outcomes = await Promise.all(
        racers.map((name) => store().commits.write(commit(name, 1, attach(['prize.example.com'])))),
      );
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
      expect(await store().attached.to('platform', { limit: 10 })).toHaveLength(1);
    });

    test('a released host, and one that the owner no longer admits, go to the next tenant', async () => {
      await committed(store(), commit('acme', 1, attach(['a.example.com', 'b.example.com'])));
      const remove = [{ owner: 'platform', host: 'a.example.com' }];
      await committed(store(), commit('acme', 2, attach([], { remove })));
      await committed(store(), commit('other', 1, attach(['a.example.com'])));
      const replaced = [held('acme', 'b.example.com')];
      await committed(store(), commit('other', 2, attach(['b.example.com'], { replaced })));
      expect(await store().attached.of('acme')).toEqual([]);
      expect(await store().attached.of('other')).toHaveLength(2);
    });

    test.for<[what: string, conflicts: boolean, ...changes: Change[]]>([
      ['a changed gateway', true, { puts: [['gateway', 'web', { changed: true }]] }],
      ['a deleted gateway', true, { deletes: [['gateway', 'web']] }],
      ['a gateway that was there for a moment', true, { puts: [['gateway', 'b']] }, { deletes: [['gateway', 'b']] }],
      [
        'a route with a host that is attached now',
        true,
        { puts: [['route', 'b', { hosts: ['x.test', 'b.example.com'] }]] },
      ],
      ['a route with an attached host', true, { puts: [['route', 'b', { hosts: ['a.example.com'] }]] }],
      [
        'a route with a host for a moment',
        true,
        { puts: [['route', 'b', { hosts: ['a.example.com'] }]] },
        { deletes: [['route', 'b']] },
      ],
      ['a route with other hosts', false, { puts: [['route', 'b', { hosts: ['example.com', 'c.example.com'] }]] }],
      ['a route without hosts', false, { puts: [['route', 'b']] }, { deletes: [['route', 'b']] }],
      ['a new upstream', false, { puts: [['upstream', 'b']] }],
      ['upstreams and a changed gateway', true, { puts: [['upstream', 'b']] }, { puts: [['gateway', 'web', {}]] }],
      ['upstreams and certificates', false, { puts: [['upstream', 'b']] }, { puts: [['certificate', 'b']] }],
    ])('a change that was judged before the owner wrote %s conflicts: %s', async ([, conflicts, ...changes]) => {
      await committed(store(), commit('platform', 1, { puts: [['gateway', 'web']], fleetGeneration: 1 }));
      const routed = { tenant: 'acme', hosts: ['b.example.com'] };
      const owners = [
        { ...judgedOn('platform', 1), routed },
        { owner: 'nobody', head: '', revision: 0, tenantCreatedAt: 0 },
      ];
      await committed(store(), commit('acme', 1, attach(['a.example.com'], { owners })));
      for (const [index, change] of changes.entries())
        await committed(store(), commit('platform', index + 2, { ...change, fleetGeneration: 1 }));
      const late = await store().commits.write(commit('acme', 2, attach(['b.example.com'], { owners })));
      expect(late).toEqual(conflicts ? { ok: false, conflict: 'revision' } : { ok: true, seqs: [] });
    });

    test('a change that was judged on all routes of another tenant conflicts with any route', async () => {
      await committed(store(), commit('platform', 1, { fleetGeneration: 1 }));
      await committed(store(), commit('platform', 2, { puts: [['route', 'b', { hosts: [] }]], fleetGeneration: 1 }));
      const late = commit('acme', 1, attach([], { owners: [judgedOn('platform', 1)] }));
      expect(await store().commits.write(late)).toEqual({ ok: false, conflict: 'revision' });
    });

    test('a change conflicts if its owner was created anew, or revisions were pruned, after it was judged', async () => {
      await committed(store(), commit('platform', 1, { puts: [['gateway', 'web']], fleetGeneration: 1 }));
      const late = () => {
        const owners = [{ ...judgedOn('platform', 1), head: 'an earlier one' }];
        return store().commits.write(commit('other', 1, attach(['b.example.com'], { owners })));
      };
      for (const number of [2, 3])
        await committed(store(), commit('platform', number, { puts: [['upstream', 'a']], fleetGeneration: 1 }));
      await store().retention.pruneRevisions('platform', { keep: 1, since: Number.MAX_SAFE_INTEGER }, 100);
      expect(await late()).toEqual({ ok: false, conflict: 'revision' });
      await store().tenants.remove(tenant('platform'), audit);
      await store().tenants.create(tenant('platform', { createdAt: 7 }), audit);
      await committed(store(), commit('platform', 1, { puts: [['upstream', 'a']], fleetGeneration: 1 }));
      expect(await late()).toEqual({ ok: false, conflict: 'revision' });
    });

    test('a route of the owner whose host another tenant attaches meanwhile conflicts', async () => {
      const routed = (except: Attachment[] = []) =>
        attach([], { routed: { hosts: ['a.example.com', 'b.example.com'], except } });
      await committed(store(), commit('platform', 1, routed()));
      await committed(store(), commit('acme', 1, attach(['a.example.com', 'x.b.example.com'])));
      expect(await store().commits.write(commit('platform', 2, routed()))).toEqual({ ok: false, conflict: 'revision' });
      const other = routed([held('other', 'a.example.com')]);
      expect(await store().commits.write(commit('platform', 2, other))).toEqual({ ok: false, conflict: 'revision' });
      await committed(store(), commit('platform', 2, routed([held('acme', 'a.example.com')])));
    });

    test('the removal of a tenant gives each tenant that depends on it a feed row, before the one of the removal', async () => {
      await committed(store(), commit('acme', 1, attach(['a.example.com'])));
      await committed(store(), commit('other', 1, attach([], { parents: { add: ['acme'], remove: [] } })));
      expect(await store().named.of('other')).toEqual({ owners: [], parents: ['acme'] });
      expect(await store().named.asParent('acme')).toEqual(['other']);
      const { seqs } = await store().tenants.remove(tenant('platform'), audit);
      const { rows } = await store().feed.read('edge', seqs[0]!.seq - 3, 10);
      expect(rows.map(({ tenant, base, leaves }) => ({ tenant, base, leaves }))).toEqual([
        { tenant: 'acme', base: 0, leaves: false },
        { tenant: 'other', base: 0, leaves: false },
        { tenant: 'platform', base: 0, leaves: true },
      ]);
    });

    test('a tenant without hosts depends on the owners that its routes name', async () => {
      const naming = { gatewayOwners: { add: ['platform'], remove: [] } };
      await committed(store(), commit('acme', 1, attach([], naming)));
      await committed(store(), commit('acme', 2, attach([], naming)));
      expect(await store().named.of('acme')).toEqual({ owners: ['platform'], parents: [] });
      expect(await store().tenants.listWithGateways({ limit: 10 })).toEqual([{ name: 'acme', revision: 2 }]);
      const refresh = { fleets: ['edge'], attached: true, isMoved: false };
      const [own] = await committed(store(), commit('platform', 1, { to: ['edge'], ...attach([], { refresh }) }));
      const { rows } = await store().feed.read('edge', own!.seq - 2, 10);
      expect(rows.map(({ tenant, base }) => ({ tenant, base }))).toEqual([
        { tenant: 'acme', base: 0 },
        { tenant: 'platform', base: 0 },
      ]);
      await committed(store(), commit('acme', 3, attach([], { gatewayOwners: { add: [], remove: ['platform'] } })));
      expect(await store().named.of('acme')).toEqual({ owners: [], parents: [] });
    });

    test('a change of the owner gives each attached tenant one feed row per fleet, before its own', async () => {
      await committed(store(), commit('acme', 1, attach(['a.example.com'])));
      await committed(store(), commit('other', 1, attach(['b.example.com', 'c.example.com'])));
      const refresh = { fleets: ['edge'], attached: true, isMoved: false };
      const [own] = await committed(store(), commit('platform', 1, { to: ['edge'], ...attach([], { refresh }) }));
      const { rows, head } = await store().feed.read('edge', own!.seq - 3, 10);
      expect(rows.map(({ tenant, revision, base, leaves }) => ({ tenant, revision, base, leaves }))).toEqual([
        { tenant: 'acme', revision: 1, base: 0, leaves: false },
        { tenant: 'other', revision: 1, base: 0, leaves: false },
        { tenant: 'platform', revision: 1, base: 0, leaves: false },
      ]);
      expect(head).toBe(own!.seq);
    });

    test('a tenant without gateways is listed for snapshots, and its hosts go with it', async () => {
      await committed(store(), commit('acme', 1, attach(['a.example.com'])));
      expect(await store().tenants.listWithGateways({ limit: 10 })).toEqual([{ name: 'acme', revision: 1 }]);
      await store().tenants.remove(tenant('acme'), audit);
      expect(await store().attached.to('platform', { limit: 10 })).toEqual([]);
    });
  });
}
