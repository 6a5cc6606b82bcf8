import { describe, expect, test } from 'vitest';
import { lostKey } from '../../api/store/idempotency.ts';
import type { Audit, Store, Token } from '../../api/store/port.ts';
import { at, audit, commit, fleet, tenant } from './fixtures.ts';

const reply = {
  owner: 'caller',
  key: 'k',
  requestHash: 'hash',
  at,
  status: 201,
  headers: { etag: '"r1"' },
  body: 'one',
};
const kept = { requestHash: 'hash', status: 201, headers: { etag: '"r1"' }, body: 'one' };
const recorded: Audit = { ...audit, reply };
const MINUTE = 60_000;

const token: Token = { id: '1', tenant: 'acme', description: '', scopes: ['read'], createdAt: at, prefix: 'gh_' };

/** Every change a POST can make, and how to see whether it was made. */
const changes: [string, (store: Store, record: Audit) => Promise<unknown>, (store: Store) => Promise<unknown>][] = [
  ['a tenant', (store, by) => store.createTenant(tenant('made'), by), (store) => store.tenant('made')],
  ['a fleet', (store, by) => store.createFleet(fleet('made'), by), (store) => store.fleet('made')],
  ['a token', (store, by) => store.createToken(token, 'h', by), (store) => store.tokenByHash('h')],
  [
    'a revision',
    (store, by) => store.commit(commit('acme', 1, { puts: [['route', 'a']], audit: by })),
    (store) => store.revision('acme', 1),
  ],
];

/** A response and the change it reports are written together. */
export function describeReplies(store: () => Store): void {
  describe.for(changes)('the reply that reports %s', ([, make, made]) => {
    test('is there as soon as the change is', async () => {
      await store().createTenant(tenant('acme'), audit);
      await store().takeKey('caller', 'k', 'hash', at);
      await make(store(), recorded);
      expect(await made(store())).toBeDefined();
      expect(await store().takeKey('caller', 'k', 'hash', at + 2 * MINUTE)).toEqual(kept);
    });

    test('is not overwritten or given back afterwards', async () => {
      await store().createTenant(tenant('acme'), audit);
      await store().takeKey('caller', 'k', 'hash', at);
      await make(store(), recorded);
      await store().keepResponse('caller', 'k', { ...kept, body: 'other' }, at);
      await store().releaseKey('caller', 'k', at);
      await store().releaseKeys(at);
      expect(await store().takeKey('caller', 'k', 'hash', at)).toEqual(kept);
    });

    test('is refused with the change when another request has taken the key', async () => {
      await store().createTenant(tenant('acme'), audit);
      await store().takeKey('caller', 'k', 'hash', at);
      await store().takeKey('caller', 'k', 'hash', at + MINUTE);
      const error = await make(store(), recorded).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(lostKey(error)).toBe(true);
      expect(await made(store())).toBeUndefined();
    });

    test('is refused with the change when the key has its reply already', async () => {
      await store().createTenant(tenant('acme'), audit);
      await store().takeKey('caller', 'k', 'hash', at);
      await store().keepResponse('caller', 'k', kept, at);
      expect(lostKey(await make(store(), recorded).catch((thrown: unknown) => thrown))).toBe(true);
      expect(await made(store())).toBeUndefined();
    });

    test('is kept though the key was given back while the change was on its way', async () => {
      await store().createTenant(tenant('acme'), audit);
      await store().takeKey('caller', 'k', 'hash', at);
      await store().releaseKeys(at + 1);
      await make(store(), recorded);
      expect(await store().takeKey('caller', 'k', 'hash', at + 2)).toEqual(kept);
    });
  });

  test('of a process that ended, keys are given back at the next start', async () => {
    await store().takeKey('caller', 'k', 'hash', at);
    await store().releaseKeys(at + 1);
    expect(await store().takeKey('caller', 'k', 'hash', at + 2)).toBe('taken');
  });
}
