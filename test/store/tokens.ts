import { describe, expect, test } from 'vitest';
import type { IdempotentResponse } from '../../api/store/idempotency.ts';
import type { Store } from '../../api/store/store.ts';
import type { Token } from '../../api/store/tokens.ts';
import { at, audit, fleet, tenant } from './fixtures.ts';

const token = (id: string, more: Partial<Token> = {}): Token => ({
  id,
  description: 'for tests',
  scopes: ['read', 'write'],
  createdAt: at,
  prefix: 'gh_abc',
  ...more,
});

export function describeTokens(store: () => Store): void {
  describe('tokens', () => {
    test('are found by hash, as they were created', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().fleets.create(fleet('public'), audit);
      const mine = token('1', { tenant: 'acme', expiresAt: at + 1 });
      const agent = token('2', { fleet: 'public', scopes: ['agent'] });
      const platform = token('3', { scopes: ['operator'] });
      for (const made of [mine, agent, platform]) await store().tokens.create(made, `hash-${made.id}`, audit);
      expect(await store().tokens.findByHash('hash-1')).toEqual(mine);
      expect(await store().tokens.findByHash('hash-2')).toEqual(agent);
      expect(await store().tokens.findByHash('hash-3')).toEqual(platform);
      expect(await store().tokens.findByHash('hash-4')).toBeUndefined();
    });

    test('are listed by owner, a page at a time', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().tenants.create(tenant('other'), audit);
      for (const id of ['3', '1', '2']) await store().tokens.create(token(id, { tenant: 'acme' }), id, audit);
      await store().tokens.create(token('4', { tenant: 'other' }), '4', audit);
      await store().tokens.create(token('5'), '5', audit);
      const ids = async (...[owner, page]: Parameters<Store['tokens']['list']>) =>
        (await store().tokens.list(owner, page)).map(({ id }) => id);
      expect(await ids({ tenant: 'acme' }, { limit: 2 })).toEqual(['1', '2']);
      expect(await ids({ tenant: 'acme' }, { limit: 2, after: '2' })).toEqual(['3']);
      expect(await ids('platform', { limit: 9 })).toEqual(['5']);
      expect(await ids({ fleet: 'acme' }, { limit: 9 })).toEqual([]);
    });

    test('are revoked once, by their owner alone', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().tokens.create(token('1', { tenant: 'acme' }), 'hash', audit);
      expect(await store().tokens.revoke('platform', '1', at, audit)).toBe(false);
      expect(await store().tokens.revoke({ tenant: 'other' }, '1', at, audit)).toBe(false);
      expect(await store().tokens.revoke({ fleet: 'acme' }, '1', at, audit)).toBe(false);
      expect(await store().tokens.revoke({ tenant: 'acme' }, '1', at + 5, audit)).toBe(true);
      expect(await store().tokens.revoke({ tenant: 'acme' }, '1', at + 9, audit)).toBe(false);
      expect((await store().tokens.findByHash('hash'))?.revokedAt).toBe(at + 5);
    });

    test('are revoked with the token that created them, also over several steps', async () => {
      await store().tenants.create(tenant('acme'), audit);
      const made = (id: string, by: string) => token(id, { tenant: 'acme', createdBy: `token:${by}` });
      for (const [id, by] of [
        ['1', '0'],
        ['2', '1'],
        ['3', '2'],
        ['4', '0'],
      ] as const)
        await store().tokens.create(made(id, by), id, audit);
      expect(await store().tokens.revoke({ tenant: 'acme' }, '1', at + 5, audit)).toBe(true);
      const revoked = (await store().tokens.list({ tenant: 'acme' }, { limit: 9 })).map(({ revokedAt }) => revokedAt);
      expect(revoked).toEqual([at + 5, at + 5, at + 5, undefined]);
      const create = (id: string, by: string) =>
        store().tokens.create(made(id, by), id, audit, { creator: `token:${by}` });
      expect(await create('5', '3')).toBe('revoked');
      expect(await create('6', '4')).toBe('created');
      expect(await store().tokens.create(made('7', '4'), '7', audit, { creator: 'person:gone' })).toBe('revoked');
      await store().tenants.create(tenant('other'), audit);
      const foreign = { ...made('7', '4'), tenant: 'other' };
      expect(await store().tokens.create(foreign, '7', audit, { creator: 'token:4' })).toBe('revoked');
    });

    test('of 32 that a token creates while it is revoked, none is usable', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().tokens.create(token('0', { tenant: 'acme' }), '0', audit);
      const create = (id: string) =>
        store().tokens.create(token(id, { tenant: 'acme', createdBy: 'token:0' }), id, audit, {
          creator: 'token:0',
        });
      const ids = Array.from({ length: 32 }, (_, i) => `t${i}`);
      await Promise.all([
        ...ids.slice(0, 16).map(create),
        store().tokens.revoke({ tenant: 'acme' }, '0', at, audit),
        ...ids.slice(16).map(create),
      ]);
      const usable = (await store().tokens.list({ tenant: 'acme' }, { limit: 99 })).filter((each) => !each.revokedAt);
      expect(usable).toEqual([]);
    });

    test('have kinds, a creator, and the time of their last use', async () => {
      await store().tenants.create(tenant('acme'), audit);
      const made = token('1', { tenant: 'acme', kinds: ['route'], createdBy: 'person:ann', person: 'ann' });
      await store().tokens.create(made, 'hash', audit);
      expect(await store().tokens.findByHash('hash')).toEqual(made);
      await store().tokens.used('1', at + 7);
      expect(await store().tokens.findByHash('hash')).toEqual({ ...made, lastUsedAt: at + 7 });
    });

    test('are not made for a tenant or a fleet that is gone', async () => {
      await expect(store().tokens.create(token('1', { tenant: 'gone' }), 'a', audit)).rejects.toThrow();
      await expect(store().tokens.create(token('2', { fleet: 'gone' }), 'b', audit)).rejects.toThrow();
      expect(await store().tokens.findByHash('a')).toBeUndefined();
    });

    test('go with their fleet', async () => {
      await store().fleets.create(fleet('public'), audit);
      await store().tokens.create(token('1', { fleet: 'public' }), 'hash', audit);
      await store().fleets.remove(fleet('public'), audit);
      expect(await store().tokens.findByHash('hash')).toBeUndefined();
    });
  });

  describe('idempotency', () => {
    const answer = { status: 201, headers: { etag: '"r1"' }, body: 'one' };
    const kept: IdempotentResponse = { requestHash: 'hash', ...answer };
    const minute = 60 * 1000;
    const day = 24 * 60 * minute;
    /** Makes a change whose batch stores the answer for the key that was reserved at this time. */
    const change = (when: number) =>
      store().fleets.create(fleet(`f${when}`), { ...audit, reply: { ...kept, owner: 'acme', key: 'k', at: when } });
    const take = (when: number, owner = 'acme') => store().idempotency.reserve({ owner, key: 'k' }, 'hash', when);

    test('a key is taken once; then it runs, and then its answer is the one kept', async () => {
      expect(await take(at)).toBe('taken');
      expect(await take(at + 1)).toBe('running');
      await change(at);
      expect(await take(at + 2)).toEqual(kept);
      expect(await store().idempotency.find('acme', 'k', at + 2)).toEqual(kept);
    });

    test('of several concurrent requests, one reserves the key', async () => {
      const outcomes = await Promise.all(Array.from({ length: 8 }, (_, i) => take(at + (i % 2))));
      expect(outcomes.toSorted()).toEqual([...Array.from({ length: 7 }, () => 'running'), 'taken']);
    });

    test('a released key can be reserved again', async () => {
      await take(at);
      await store().idempotency.release('acme', 'k', at);
      expect(await take(at)).toBe('taken');
    });

    test('of one who fell, it is taken anew after a minute, and what they say then is not kept', async () => {
      await take(at);
      expect(await take(at + minute - 1)).toBe('running');
      expect(await take(at + minute)).toBe('taken');
      await expect(change(at)).rejects.toThrow();
      await store().idempotency.release('acme', 'k', at);
      expect(await take(at + minute + 1)).toBe('running');
    });

    test('keys belong to their owner and last a day', async () => {
      await take(at);
      await change(at);
      expect(await take(at, 'other')).toBe('taken');
      expect(await take(at + day - 1)).toEqual(kept);
      expect(await store().idempotency.find('acme', 'k', at + day)).toBeUndefined();
      expect(await take(at + day)).toBe('taken');
    });
  });

  test('the database answers', async () => {
    await expect(store().ping()).resolves.toBeUndefined();
  });
}
