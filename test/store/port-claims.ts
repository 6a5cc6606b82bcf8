import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../api/store/store.ts';
import { audit, commit, committed, tenant } from './fixtures.ts';

export function describePortClaims(store: () => Store): void {
  describe('port claims', () => {
    beforeEach(async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().tenants.create(tenant('other'), audit);
    });
    const database = { fleet: 'public', port: 'tcp/5432' };
    const dns = { fleet: 'public', port: 'udp/53' };
    const claiming = (name: string, number: number, ports: { add?: object[]; remove?: object[] }) => ({
      ...commit(name, number),
      ports: { add: [], remove: [], ...ports } as ReturnType<typeof commit>['ports'],
    });

    test('a port of a fleet belongs to one tenant', async () => {
      await committed(store(), claiming('acme', 1, { add: [database] }));
      const refused = await store().commits.write(claiming('other', 1, { add: [dns, database] }));
      expect(refused).toEqual({ ok: false, conflict: 'port', ports: [database] });
      // The refused batch claimed nothing.
      expect(await store().commits.takenPorts('acme', [dns, database])).toEqual([]);
    });

    test('another fleet, and another transport, are other ports', async () => {
      await committed(store(), claiming('acme', 1, { add: [database] }));
      const add = [
        { fleet: 'internal', port: 'tcp/5432' },
        { fleet: 'public', port: 'udp/5432' },
      ];
      await committed(store(), claiming('other', 1, { add }));
    });

    test('of two tenants that claim at the same time, one gets the ports', async () => {
      const outcomes = await Promise.all([
        store().commits.write(claiming('acme', 1, { add: [database, dns] })),
        store().commits.write(claiming('other', 1, { add: [dns, database] })),
      ]);
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
      expect(outcomes.find(({ ok }) => !ok)).toMatchObject({ conflict: 'port' });
    });

    test('a released port can be claimed, and only its tenant can release it', async () => {
      await committed(store(), claiming('acme', 1, { add: [database] }));
      await committed(store(), claiming('other', 1, { remove: [database] }));
      expect(await store().commits.takenPorts('other', [database])).toEqual([database]);
      await committed(store(), claiming('acme', 2, { remove: [database] }));
      await committed(store(), claiming('other', 2, { add: [database] }));
    });

    test('the claims of a fleet are those of all tenants, and of no other fleet', async () => {
      await committed(store(), claiming('acme', 1, { add: [database, { fleet: 'internal', port: 'tcp/1' }] }));
      await committed(store(), claiming('other', 1, { add: [dns] }));
      expect([...(await store().commits.claimedPorts('public'))].sort()).toEqual(['tcp/5432', 'udp/53']);
      expect(await store().commits.claimedPorts('none')).toEqual(new Set());
    });

    test('a tenant may claim a port again that it has', async () => {
      await committed(store(), claiming('acme', 1, { add: [database] }));
      await committed(store(), claiming('acme', 2, { add: [database] }));
      expect(await store().commits.takenPorts('other', [database])).toEqual([database]);
    });
  });
}
