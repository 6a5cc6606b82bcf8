import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../api/store/store.ts';
import { at, audit, fleet, tenant } from './fixtures.ts';

export function describeEndpointHealth(store: () => Store): void {
  describe('the health of endpoints', () => {
    const node = (name: string) => ({
      ...{ fleet: 'public', name, agent: 'a', version: 'v', connected: true },
      ...{ acked: 0, live: 0, ahead: 0, behind: [], lastSeenAt: at, listenerRejections: [] },
    });
    const endpoints = [{ address: '10.0.0.1', port: 80, state: 'ejected' as const, reason: 'errors', since: at }];
    const cluster = (upstream: string, subset = '') => ({ tenant: 'acme', upstream, subset, endpoints });
    const save = (name: string, clusters: ReturnType<typeof cluster>[], isWhole = false) =>
      store().endpointHealth.save({ fleet: 'public', node: name, isWhole, clusters, at });
    const of = async (upstream: string, name = 'acme') =>
      (await store().endpointHealth.of(name, upstream, 100)).map((row) => [row.node, row.subset]);

    beforeEach(async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().fleets.create(fleet('public'), audit);
      await store().nodes.save([node('n1'), node('n2')], []);
    });

    test('is kept per node, upstream and subset, until it is replaced', async () => {
      await save('n2', [cluster('app'), cluster('app', 'v1')]);
      await save('n1', [cluster('app'), cluster('other')]);
      expect(await of('app')).toEqual([
        ['n1', ''],
        ['n2', ''],
        ['n2', 'v1'],
      ]);
      expect(await store().endpointHealth.of('acme', 'other', 100)).toEqual([
        { ...cluster('other'), fleet: 'public', node: 'n1', connected: true, lastSeenAt: at },
      ]);
      expect(await of('app', 'none')).toEqual([]);
      await save('n2', [{ ...cluster('app'), endpoints: [] }]);
      await save('n1', [cluster('app')]);
      expect(await of('app')).toEqual([
        ['n1', ''],
        ['n2', 'v1'],
      ]);
    });

    test('a whole report replaces what the node reported, and what nodes that are gone did', async () => {
      await save('n1', [cluster('app'), cluster('other')]);
      await save('gone', [cluster('app')]);
      await save('n2', [cluster('app')]);
      await save('n1', [cluster('app', 'v1')], true);
      expect(await of('other')).toEqual([]);
      await store().nodes.save([node('gone')], []);
      expect(await of('app')).toEqual([
        ['n1', 'v1'],
        ['n2', ''],
      ]);
    });

    test('goes with its tenant and its fleet', async () => {
      await save('n1', [cluster('app')]);
      await store().tenants.remove(tenant('acme'), audit);
      expect(await of('app')).toEqual([]);
    });
  });
}
