import { describe, expect, test } from 'vitest';
import type { Audit } from '../../api/store/audit.ts';
import { lostKey } from '../../api/store/idempotency.ts';
import type { Store } from '../../api/store/store.ts';
import type { Token } from '../../api/store/tokens.ts';
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
  ['a tenant', (store, by) => store.tenants.create(tenant('made'), by), (store) => store.tenants.find('made')],
  ['a fleet', (store, by) => store.fleets.create(fleet('made'), by), (store) => store.fleets.find('made')],
  ['a token', (store, by) => store.tokens.create(token, 'h', by), (store) => store.tokens.findByHash('h')],
  [
    'a revision',
    (store, by) => store.commits.write(commit('acme', 1, { puts: [['route', 'a']], audit: by })),
    (store) => store.revisions.find('acme', 1),
  ],
];

/** A response and the change it reports are written together. */
export function describeReplies(store: () => Store): void {
  describe.for(changes)('the reply that reports %s', ([, make, made]) => {
    test('is there as soon as the change is', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().idempotency.reserve({ owner: 'caller', key: 'k' }, 'hash', at);
      await make(store(), recorded);
      expect(await made(store())).toBeDefined();
      expect(await store().idempotency.reserve({ owner: 'caller', key: 'k' }, 'hash', at + 2 * MINUTE)).toEqual(kept);
    });

    test('is not overwritten or given back afterwards', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().idempotency.reserve({ owner: 'caller', key: 'k' }, 'hash', at);
      await make(store(), recorded);
      const other = { ...recorded, reply: { ...recorded.reply!, body: 'other' } };
      const error = await store()
        .tenants.create(tenant('other'), other)
        .catch((thrown: unknown) => thrown);
      expect(lostKey(error)).toBe(true);
      await store().idempotency.release('caller', 'k', at);
      await store().idempotency.releaseAll(at);
      expect(await store().idempotency.reserve({ owner: 'caller', key: 'k' }, 'hash', at)).toEqual(kept);
    });

    test('is refused with the change when another request has taken the key', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().idempotency.reserve({ owner: 'caller', key: 'k' }, 'hash', at);
      await store().idempotency.reserve({ owner: 'caller', key: 'k' }, 'hash', at + MINUTE);
      const error = await make(store(), recorded).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(lostKey(error)).toBe(true);
      expect(await made(store())).toBeUndefined();
    });

    test('is refused with the change when the key has its reply already', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().idempotency.reserve({ owner: 'caller', key: 'k' }, 'hash', at);
      await store().tenants.create(tenant('first'), recorded);
      expect(lostKey(await make(store(), recorded).catch((thrown: unknown) => thrown))).toBe(true);
      expect(await made(store())).toBeUndefined();
    });

    test('is kept though the key was given back while the change was on its way', async () => {
      await store().tenants.create(tenant('acme'), audit);
      await store().idempotency.reserve({ owner: 'caller', key: 'k' }, 'hash', at);
      await store().idempotency.releaseAll(at + 1);
      await make(store(), recorded);
      expect(await store().idempotency.reserve({ owner: 'caller', key: 'k' }, 'hash', at + 2)).toEqual(kept);
    });
  });

  test('of a process that ended, keys are given back at the next start', async () => {
    await store().idempotency.reserve({ owner: 'caller', key: 'k' }, 'hash', at);
    await store().idempotency.releaseAll(at + 1);
    expect(await store().idempotency.reserve({ owner: 'caller', key: 'k' }, 'hash', at + 2)).toBe('taken');
  });
}
