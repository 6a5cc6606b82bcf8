import { describe, expect, test } from 'vitest';
import type { TenantRole } from '../../api/members/schema.ts';
import type { Store } from '../../api/store/store.ts';
import { at, audit, tenant } from './fixtures.ts';
import { mail, signedUp } from './people.ts';

export function describeMembers(store: () => Store): void {
  const add = (person: string, role: TenantRole, of = 'acme') =>
    store().members.add({ tenant: of, person, role, createdAt: at }, audit);
  const change = (person: string, role: TenantRole, most = 9) =>
    store().members.change('acme', { person, role, most }, audit);
  const roles = async (of = 'acme') =>
    Object.fromEntries((await store().members.list(of, { limit: 500 })).map(({ person, role }) => [person, role]));

  describe('members', () => {
    test('have one role per tenant', async () => {
      for (const name of ['acme', 'rival']) await store().tenants.create(tenant(name), audit);
      expect(await add('ann', 'owner')).toBe(true);
      expect(await add('ann', 'viewer', 'rival')).toBe(true);
      expect(await add('ann', 'viewer')).toBe(false);
      expect(await store().members.grants('ann')).toEqual({
        memberships: new Map([
          ['acme', 'owner'],
          ['rival', 'viewer'],
        ]),
      });
      expect(await store().members.grants('bob')).toEqual({ memberships: new Map() });
      const { version, createdAt } = (await store().tenants.find('rival'))!;
      const state = { suspendedAt: at, suspendedReason: 'overdue', deletedAt: at };
      await store().tenants.changeState({ name: 'rival', version, createdAt, head: 'closed', ...state }, audit);
      expect(await store().members.memberships('ann')).toEqual([
        { tenant: 'acme', role: 'owner' },
        { tenant: 'rival', role: 'viewer', ...state },
      ]);
      expect(await store().members.memberships('bob')).toEqual([]);
      expect(await store().members.find('acme', 'ann')).toEqual({ person: 'ann', role: 'owner', createdAt: at });
      expect(await store().members.find('acme', 'bob')).toBeUndefined();
      await expect(add('ann', 'owner', 'gone')).rejects.toThrow();
    });

    test('are listed, a page at a time', async () => {
      await store().tenants.create(tenant('acme'), audit);
      for (const person of ['c', 'a', 'b']) await add(person, 'viewer');
      const page = async (after?: string) =>
        (await store().members.list('acme', { limit: 2, ...(after !== undefined && { after }) })).map(
          ({ person }) => person,
        );
      expect(await page()).toEqual(['a', 'b']);
      expect(await page('b')).toEqual(['c']);
    });

    test('the last owner can neither be demoted nor removed', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await add('ann', 'owner');
      await add('bob', 'viewer');
      expect(await change('ann', 'viewer')).toBe('last-owner');
      expect(await store().members.remove('acme', 'ann', audit)).toBe('last-owner');
      expect(await change('ann', 'owner')).toBeUndefined();
      expect(await change('eve', 'owner')).toBe('absent');
      expect(await store().members.remove('acme', 'eve', audit)).toBe('absent');
      expect(await change('bob', 'owner')).toBeUndefined();
      expect(await change('ann', 'viewer')).toBeUndefined();
      expect(await store().members.remove('acme', 'ann', audit)).toBeUndefined();
      expect(await roles()).toEqual({ bob: 'owner' });
    });

    test('own as many tenants as allowed; an operator may give them more', async () => {
      for (const name of ['acme', 'other']) await store().tenants.create(tenant(name), audit);
      await add('ann', 'viewer');
      await add('ann', 'owner', 'other');
      expect(await change('ann', 'owner', 1)).toBe('full');
      expect(await roles()).toEqual({ ann: 'viewer' });
      expect(await change('ann', 'owner', 2)).toBeUndefined();
      // Ann owns it already.
      expect(await change('ann', 'owner', 2)).toBeUndefined();
      const operator = { id: '1', description: '', scopes: ['operator' as const], createdAt: at, prefix: '' };
      await store().tokens.create(operator, 'hash', audit);
      await add('bob', 'owner');
      expect(await change('ann', 'viewer')).toBeUndefined();
      // The author of the tests is token:1.
      expect(await change('ann', 'owner', 0)).toBeUndefined();
    });

    test('of 64 owners who leave at once, one stays', async () => {
      await store().tenants.create(tenant('acme'), audit);
      const people = Array.from({ length: 64 }, (_, i) => `p${i}`);
      for (const person of people) await add(person, 'owner');
      const outcomes = await Promise.all(
        people.map((person, i) => (i % 2 ? store().members.remove('acme', person, audit) : change(person, 'viewer'))),
      );
      expect(outcomes.filter((outcome) => outcome === 'last-owner')).toHaveLength(1);
      expect(Object.values(await roles()).filter((role) => role === 'owner')).toHaveLength(1);
    });

    test('of 64 people who join at once, no more become members than the plan allows', async () => {
      await store().tenants.create(tenant('acme'), audit);
      const plan = { name: 'small', description: '', quotas: { members: 5 }, createdAt: at, version: 1 };
      await store().plans.put(plan, audit);
      const join = (person: string) =>
        store().members.add({ tenant: 'acme', person, role: 'viewer', createdAt: at }, audit, {
          ...{ tenant: 'acme', otherwise: 3, now: at },
        });
      expect(await Promise.all(['a', 'b', 'c', 'd'].map(join))).toEqual(
        expect.arrayContaining([true, true, true, 'no room']),
      );
      await store().plans.assign({ tenant: tenant('acme'), plan: 'small' }, audit);
      await Promise.all(Array.from({ length: 64 }, (_, i) => join(`p${i}`)));
      expect(Object.keys(await roles())).toHaveLength(5);
    });

    test('join by an invitation until it expires, once, with the address that was proven', async () => {
      await store().tenants.create(tenant('acme'), audit);
      for (const person of ['ann', 'bob']) await signedUp(store(), person);
      await add('ann', 'owner');
      const invitation = {
        ...{ id: '1', tenant: 'acme', email: 'bob@example.com', role: 'viewer' as const },
        ...{ invitedBy: 'person:ann', createdAt: at, expiresAt: at + 1000 },
      };
      await store().invitations.create(invitation, 'hash', mail(), audit, { most: 9, since: 0 });
      const room = { tenant: 'acme', otherwise: 9, now: at };
      const accept = (person: string, when: number) =>
        store().invitations.accept({ invitation, person, at: when, room, mostOwned: 9 }, audit);
      expect(await store().invitations.findByHash('hash', at + 1000)).toBeUndefined();
      expect(await accept('bob', at + 1000)).toBe('invalid');
      expect(await accept('ann', at + 999)).toBe('invalid');
      expect(await accept('bob', at + 999)).toBe('accepted');
      expect(await accept('bob', at + 999)).toBe('invalid');
      expect(await roles()).toEqual({ ann: 'owner', bob: 'viewer' });
    });

    test('go with their tenant', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await add('ann', 'owner');
      await store().tenants.remove(tenant('acme'), audit);
      await store().tenants.create(tenant('acme'), audit);
      expect(await roles()).toEqual({});
    });
  });
}
