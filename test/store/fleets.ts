import { describe, expect, test } from 'vitest';
import type { FleetJudgement } from '../../api/store/fleet-judgement.ts';
import type { Fleet } from '../../api/store/fleets.ts';
import type { Node, ReportedNode } from '../../api/store/nodes.ts';
import type { NodeRejection } from '../../api/store/rejections.ts';
import type { Store } from '../../api/store/store.ts';
import { at, audit, commit, committed, fleet, names, tenant } from './fixtures.ts';

export function describeFleets(store: () => Store): void {
  describe('fleets', () => {
    test('are read as they were created; their first feed number is the store’s', async () => {
      const full = fleet('private', { address: '10.0.0.1', tenant: 'acme', labels: { b: '1', a: '2' } });
      expect(await store().fleets.create(full, audit)).toBe(true);
      expect(await store().fleets.create(fleet('public'), audit)).toBe(true);
      expect(await store().fleets.find('private')).toEqual({ ...full, seq: 1 });
      expect(await store().fleets.find('public')).toEqual({ ...fleet('public'), seq: 1 });
      expect(await store().fleets.find('none')).toBeUndefined();
    });

    test('a taken name is refused and changes nothing', async () => {
      await store().fleets.create(fleet('public'), audit);
      expect(await store().fleets.create(fleet('public', { labels: {} }), audit)).toBe(false);
      expect(await store().fleets.generation()).toBe(1);
      expect((await store().fleets.find('public'))?.labels).toEqual({ ingress: 'public' });
    });

    test('lists page by name and filter by label', async () => {
      for (const name of ['b', 'a', 'c'])
        await store().fleets.create(fleet(name, { labels: { odd: `${name !== 'b'}` } }), audit);
      const list = async (page: Parameters<Store['fleets']['list']>[0]) => names(await store().fleets.list(page));
      expect(await list({ limit: 2 })).toEqual(['a', 'b']);
      expect(await list({ limit: 2, after: 'b' })).toEqual(['c']);
      expect(await list({ limit: 9, label: ['odd', 'true'] })).toEqual(['a', 'c']);
    });

    test('the generation moves with every change of a fleet', async () => {
      expect(await store().fleets.generation()).toBe(0);
      await store().fleets.create(fleet('public'), audit);
      expect(await store().fleets.generation()).toBe(1);
      await store().fleets.update(fleet('public', { denyDestinations: [] }), audit);
      expect(await store().fleets.generation()).toBe(2);
      await store().fleets.remove(fleet('public', { version: 2 }), audit);
      expect(await store().fleets.generation()).toBe(3);
    });

    test('update and remove need the version that was read', async () => {
      await store().fleets.create(fleet('public'), audit);
      expect(await store().fleets.update(fleet('public', { denyDestinations: [] }), audit)).toBe(true);
      expect(await store().fleets.update(fleet('public'), audit)).toBe(false);
      expect(await store().fleets.remove(fleet('public'), audit)).toBe(false);
      const earlier = fleet('public', { version: 2, createdAt: at - 1 });
      expect(await store().fleets.update(earlier, audit)).toBe(false);
      expect(await store().fleets.remove(earlier, audit)).toBe(false);
      expect(await store().fleets.generation()).toBe(2);
      expect(await store().fleets.remove(fleet('public', { version: 2 }), audit)).toBe(true);
      expect(await store().fleets.remove(fleet('public', { version: 2 }), audit)).toBe(false);
      expect(await store().fleets.find('public')).toBeUndefined();
    });

    test.for<[string, Partial<Fleet>, boolean]>([
      ['labels', { labels: { ingress: 'internal' } }, true],
      ['ports', { ports: [{ number: 81, bind: 10081, protocol: 'HTTP' }] }, true],
      ['address', { address: '10.0.0.1' }, true],
      ['tenant', { tenant: 'acme' }, true],
      ['denied destinations', { denyDestinations: [] }, true],
      ['nothing', {}, false],
    ])('a change of %s', async ([, change, snapshot]) => {
      await store().fleets.create(fleet('public'), audit);
      await store().fleets.update(fleet('public', change), audit);
      expect(await store().fleets.find('public')).toMatchObject({ ...change, version: 2 });
      expect((await store().feed.read('public', 1, 9)).tooOld).toBe(snapshot);
      expect((await store().feed.read('public', snapshot ? 2 : 1, 9)).tooOld).toBe(false);
    });

    describe('a change that was judged', () => {
      const judged = (claims: FleetJudgement['claims'], generation = 0): FleetJudgement => ({ generation, claims });
      const holding = async (name: string, host: string) => {
        await store().tenants.create(tenant(name), audit);
        await committed(store(), commit(name, 1, { puts: [['gateway', 'edge']], add: [host] }));
      };
      const claim = (name: string, revision: number, add: string[], remove: string[] = []) =>
        judged([{ tenant: name, revision, add, remove }]);

      test('writes nothing when other fleets, or a tenant that it counted on, changed meanwhile', async () => {
        await holding('acme', 'a.test');
        expect(await store().fleets.create(fleet('public'), audit, judged([], 1))).toBe('raced');
        expect(await store().fleets.create(fleet('public'), audit, claim('acme', 0, ['b.test']))).toBe('raced');
        expect(await store().fleets.create(fleet('public'), audit, claim('gone', 1, []))).toBe('raced');
        const domains = { held: ['b.test'], free: [], wildcards: [] };
        const unproven = judged([{ tenant: 'acme', revision: 1, add: ['b.test'], remove: [], domains }]);
        expect(await store().fleets.create(fleet('public'), audit, unproven)).toBe('raced');
        expect(await store().fleets.list({ limit: 9 })).toEqual([]);
        expect(await store().fleets.create(fleet('public'), audit, claim('acme', 1, ['b.test']))).toBe(true);
        expect(await store().fleets.update(fleet('public'), audit, judged([], 0))).toBe('raced');
        expect(await store().fleets.remove(fleet('public'), audit, judged([], 0))).toBe('raced');
        expect(await store().fleets.remove(fleet('public'), audit, judged([], 1))).toBe(true);
      });

      test('moves claims, releases first; nothing when one of them is held', async () => {
        await holding('acme', 'a.test');
        await holding('globex', 'b.test');
        const taking = claim('acme', 1, ['*.b.test', 'b.test']);
        expect(await store().fleets.create(fleet('public'), audit, taking)).toBe('raced');
        expect(await store().commits.takenHosts('globex', ['b.test', 'x.b.test'])).toEqual([]);
        const swap = judged([
          { tenant: 'acme', revision: 1, add: ['b.test'], remove: ['a.test'] },
          { tenant: 'globex', revision: 1, add: ['a.test'], remove: ['b.test'] },
        ]);
        expect(await store().fleets.create(fleet('public'), audit, swap)).toBe(true);
        expect(await store().commits.takenHosts('globex', ['a.test', 'b.test'])).toEqual(['b.test']);
      });
    });

    test('labels in another order are the same labels', async () => {
      await store().fleets.create(fleet('public', { labels: { a: '1', b: '2' } }), audit);
      await store().fleets.update(fleet('public', { labels: { b: '2', a: '1' } }), audit);
      expect((await store().feed.read('public', 1, 9)).tooOld).toBe(false);
    });
  });

  describe('nodes', () => {
    const node: Node = {
      fleet: 'public',
      name: 'edge-1',
      agent: 'agent-1',
      version: '1.40.0',
      connected: true,
      acked: 4,
      live: 3,
      ahead: 3,
      behind: [],
      lastSeenAt: at,
      listenerRejections: [{ listener: 'http-80', port: 80, message: 'cannot bind' }],
    };
    const listed = ({ ahead: _, behind: __, ...rest }: Node) => ({ ...rest, otherAgent: 'agent-1' });
    const rejection: NodeRejection = {
      fleet: 'public',
      node: 'edge-1',
      tenant: 'acme',
      revision: 2,
      resource: 'routes/a',
      path: '/http/0',
      message: 'no such cluster',
      at,
    };

    test('are what was reported last', async () => {
      const later = { ...node, connected: false, acked: 5, live: 5, lastSeenAt: at + 1, listenerRejections: [] };
      const second = { ...node, name: 'edge-2' };
      await store().nodes.save([second, node], []);
      await store().nodes.save([later], []);
      await store().nodes.save([], []);
      expect(await store().nodes.list('public', { limit: 9 })).toEqual([later, second].map(listed));
      expect(await store().nodes.list('other', { limit: 9 })).toEqual([]);
    });

    test('a node that moved to another agent is not disconnected by the one it left', async () => {
      const moved = { ...node, agent: 'agent-2', acked: 7, lastSeenAt: at + 1 };
      await store().nodes.save([node], []);
      await store().nodes.save([moved], []);
      await store().nodes.save([{ ...node, connected: false, lastSeenAt: at + 2 }], []);
      expect(await store().nodes.list('public', { limit: 9 })).toEqual([listed(moved)]);
      await store().nodes.save([{ ...moved, connected: false }], []);
      expect(await store().nodes.list('public', { limit: 9 })).toMatchObject([{ connected: false }]);
    });

    test('of which two processes report in turn are contested, and one whose agent was restarted is not', async () => {
      const by = (process: string, second: number, more: Partial<ReportedNode> = {}) =>
        store().nodes.save([{ ...node, process, lastSeenAt: at + second, ...more }], []);
      const contested = async () => (await store().nodes.list('public', { limit: 9 }))[0]!.contestedAt;
      for (const [second, process] of ['', 'a', 'a', 'b', 'b', 'c', 'c'].entries()) await by(process, second);
      expect(await contested()).toBeUndefined();
      await by('b', 8, { connected: false });
      expect(await contested()).toBeUndefined();
      await by('c', 9);
      await by('d', 10);
      await by('c', 11);
      expect(await contested()).toBe(at + 11);
      await by('c', 12);
      expect(await contested()).toBe(at + 11);
      await by('c', 13, { isContested: true });
      expect(await contested()).toBe(at + 13);
    });

    test('are summed up if they are connected and have reported lately', async () => {
      const of = (name: string, more: Partial<Node>) => ({ ...node, name, ...more });
      const nodes = [
        of('a', { acked: 9, live: 5, listenerRejections: [] }),
        of('b', { acked: 6, live: 8, lastSeenAt: at + 1 }),
        of('c', { acked: 1, live: 1, connected: false, lastSeenAt: at + 9 }),
        of('d', { acked: 2, live: 2, lastSeenAt: at - 9 }),
      ];
      await store().nodes.save(nodes, []);
      expect(await store().nodes.together('public', at - 1)).toEqual({
        ...{ connected: 2, acked: 6, live: 5, ahead: 5, reached: 8, refusing: 1, latest: at + 1 },
      });
      expect(await store().nodes.together('other', 0)).toMatchObject({ connected: 0, acked: 0, latest: 0 });
      const namesOf = (found: { name: string }[]) => found.map(({ name }) => name);
      expect(namesOf(await store().nodes.refusing('public', at - 1, 9))).toEqual(['b']);
      expect(await store().nodes.refusing('public', at - 10, 1)).toMatchObject([
        { listenerRejections: node.listenerRejections },
      ]);
      expect(namesOf(await store().nodes.late('public', at - 1, 9))).toEqual(['a', 'b', 'c', 'd']);
      expect(namesOf(await store().nodes.late('public', at - 1, 1))).toEqual(['a']);
      expect(namesOf(await store().nodes.list('public', { limit: 2, after: 'b' }))).toEqual(['c', 'd']);
    });

    test('serve every event of most tenants, and fewer of some', async () => {
      const of = (name: string, live: number, ahead: number, behind: Node['behind'], more: Partial<Node> = {}) =>
        store().nodes.save([{ ...node, name, live, ahead, behind, ...more }], []);
      const slow = { tenant: 'slow', live: 6 };
      await of('a', 5, 5, [slow]);
      await of('a', 5, 9, [slow]);
      await of('b', 7, 8, [{ tenant: 'slow', live: 7 }]);
      await of('c', 7, 9, [slow]);
      await of('d', 1, 2, [{ tenant: 'gone', live: 1 }], { connected: false });
      await of('e', 12, 12, []);
      expect(await store().nodes.together('public', at - 1)).toMatchObject({ live: 5, ahead: 8 });
      expect(await store().nodes.behind('public', at - 1, 2)).toEqual([slow]);
      expect(await store().nodes.behind('public', at - 1, 1)).toBeUndefined();
      expect((await store().nodes.late('public', at - 1, 1))[0]).toMatchObject({ live: 5, ahead: 9, behind: [slow] });
    });

    test('what connected nodes say about a revision, by fleet', async () => {
      const of = (fleet: string, name: string, more: object) => ({ ...rejection, fleet, node: name, ...more });
      await store().nodes.save(
        [node, { ...node, name: 'edge-2' }, { ...node, fleet: 'b' }, { ...node, fleet: 'c', connected: false }],
        [
          of('public', 'edge-1', { superseded: true }),
          of('public', 'edge-2', {}),
          of('b', 'edge-1', { superseded: true }),
          of('c', 'edge-1', {}),
        ],
      );
      const found = await store().rejections.fleetsOf('acme', 2, at - 1);
      expect(found.sort((a, b) => (a.fleet < b.fleet ? -1 : 1))).toEqual([
        { fleet: 'b', superseded: true },
        { fleet: 'public', superseded: false },
      ]);
      expect(await store().rejections.fleetsOf('acme', 2, at)).toEqual([]);
    });

    test('rejections are kept by revision; a repeated one keeps its first time', async () => {
      const other = { ...rejection, path: '/http/1' };
      await store().nodes.save([node], [rejection, other, { ...rejection, revision: 3 }]);
      await store().nodes.save([node], [{ ...rejection, message: 'still not', at: at + 9 }]);
      expect(await store().rejections.list('acme', 2)).toEqual([{ ...rejection, message: 'still not' }, other]);
      expect(await store().rejections.list('other', 2)).toEqual([]);
    });

    test('go with their fleet, and rejections with their tenant', async () => {
      await store().fleets.create(fleet('public'), audit);
      await store().tenants.create(tenant('acme'), audit);
      await store().nodes.save([node], [rejection, { ...rejection, tenant: 'other' }]);
      await store().tenants.remove(tenant('acme'), audit);
      expect(await store().rejections.list('acme', 2)).toEqual([]);
      expect(await store().rejections.list('other', 2)).toHaveLength(1);
      await store().fleets.remove(fleet('public'), audit);
      expect(await store().nodes.list('public', { limit: 9 })).toEqual([]);
      expect(await store().rejections.list('other', 2)).toEqual([]);
    });
  });
}
