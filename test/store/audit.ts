import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Audit, contentOf, hashed, tenantChain } from '../../api/store/audit.ts';
import type { AuditEntry } from '../../api/store/audit-log.ts';
import type { Store } from '../../api/store/store.ts';
import { at, audit, commit, committed, fleet, tenant } from './fixtures.ts';

const ACME = tenantChain({ name: 'acme', createdAt: at });
const of = (target: string, more: Partial<Audit> = {}): Audit => ({ ...audit, target, ...more });
const numbers = (entries: AuditEntry[]) => entries.map(({ number }) => number);

/** Every entry of a chain follows from the one before it, as SHA-256 elsewhere has it. */
function expectWhole(entries: AuditEntry[], from = 1): void {
  let previous = from === 1 ? '' : entries.at(-1)!.previous;
  for (const [index, entry] of entries.toReversed().entries()) {
    const text = hashed(
      previous,
      index + from,
      contentOf({ ...entry, diff: entry.diff ? JSON.stringify(entry.diff) : null }),
    );
    const hash = createHash('sha256').update(text).digest('hex');
    expect(entry).toMatchObject({ number: index + from, previous, hash });
    previous = hash;
  }
}

export function describeAudit(store: () => Store): void {
  describe('the audit log', () => {
    const read = async (chain?: string, filter = {}) =>
      (await store().audit.read(chain, filter, { order: 'newest' }, 500)).entries;
    const create = (name: string, more: Partial<Audit> = {}) =>
      store().tenants.create(tenant(name), of(`tenants/${name}`, more));

    test('each chain has its own entries, each with the hash of the one before it', async () => {
      await store().fleets.create(fleet('public'), of('fleets/public'));
      for (const name of ['acme', 'rival']) await create(name);
      const diff = { changes: [{ path: '/displayName', operation: 'replace' as const, before: 'A', after: 'ü€😀"' }] };
      await store().tenants.update(tenant('acme', { displayName: 'ü€😀"' }), of('tenants/acme', { diff }));
      await committed(store(), commit('acme', 1, { fleetGeneration: 1, audit: of('tenants/acme/revisions/1') }));
      await store().fleets.remove(fleet('public'), of('people/anna'));

      const entries = await read(ACME);
      expect(entries.map(({ target }) => target)).toEqual(['tenants/acme/revisions/1', 'tenants/acme', 'tenants/acme']);
      expect(entries[1]).toMatchObject({ ...of('tenants/acme'), diff });
      expectWhole(entries);
      for (const chain of ['platform', 'person/anna', tenantChain({ name: 'rival', createdAt: at })]) {
        const others = await read(chain);
        expect(others).toHaveLength(1);
        expectWhole(others);
      }
      expect(await read()).toHaveLength(6);
    });

    test('a batch that fails leaves no entry, and entries of a tenant that is not there cannot be written', async () => {
      await create('acme');
      expect(await create('acme')).toBe('taken');
      expect(await store().tenants.update(tenant('acme', { version: 9 }), of('tenants/acme'))).toBe(false);
      expect(numbers(await read(ACME))).toEqual([1]);
      await expect(store().fleets.create(fleet('public'), of('tenants/ghost/fleets/public'))).rejects.toThrow();
      expect(await store().fleets.find('public')).toBeUndefined();
    });

    test('of many writers at once, each gets its own number, and nobody is refused', async () => {
      await create('acme');
      const tokens = Array.from({ length: 64 }, (_, index) => `t${index}`);
      await Promise.all([
        ...tokens.map((id) =>
          store().tokens.create(
            { id, tenant: 'acme', description: '', scopes: ['read'], createdAt: at, prefix: '' },
            id,
            of(`tenants/acme/tokens/${id}`),
          ),
        ),
        committed(store(), commit('acme', 1)),
      ]);
      await Promise.all(['a', 'b', 'c', 'd'].map((name) => store().fleets.create(fleet(name), of(`fleets/${name}`))));
      const entries = await read(ACME);
      expect(entries).toHaveLength(66);
      expectWhole(entries);
      expectWhole(await read('platform'));
    });

    test('a later tenant of the same name has another chain, and the entries of the earlier one stay', async () => {
      await create('acme');
      await store().tenants.remove(tenant('acme'), of('tenants/acme', { chain: 'platform', action: 'delete' }));
      await store().tenants.create(tenant('acme', { createdAt: at + 1 }), of('tenants/acme'));
      expect(numbers(await read(tenantChain({ name: 'acme', createdAt: at + 1 })))).toEqual([1]);
      expect(numbers(await read(ACME))).toEqual([1]);
      expect(await read('platform')).toMatchObject([{ action: 'delete', target: 'tenants/acme' }]);
    });

    test('entries are filtered and read in parts', async () => {
      await create('acme');
      for (let number = 1; number <= 9; number++)
        await committed(
          store(),
          commit('acme', number, {
            audit: of(`tenants/acme/${number % 2 ? 'tokens' : 'revisions'}/${number}`, {
              actor: `token:${number % 3}`,
              action: number === 5 ? 'revoke' : 'publish',
              at: at + number,
            }),
          }),
        );
      const found = async (filter: object) => numbers(await read(ACME, filter));
      expect(await found({ actor: 'token:0' })).toEqual([10, 7, 4]);
      expect(await found({ action: 'revoke' })).toEqual([6]);
      expect(await found({ target: 'tenants/acme/tokens' })).toEqual([10, 8, 6, 4, 2]);
      expect(await found({ target: 'tenants/acme/tokens/5' })).toEqual([6]);
      expect(await found({ target: 'tenants/acme/token' })).toEqual([]);
      expect(await found({ since: at + 3, until: at + 5 })).toEqual([5, 4]);
      const { entries, next } = await store().audit.read(ACME, { actor: 'token:0' }, { order: 'newest' }, 2);
      expect(numbers(entries)).toEqual([10, 7]);
      const rest = await store().audit.read(ACME, { actor: 'token:0' }, { order: 'newest', before: next! }, 2);
      expect(numbers(rest.entries)).toEqual([4]);
      expect(rest.next).toBeUndefined();
      const oldest = await store().audit.read(ACME, {}, { order: 'oldest', after: 8 }, 1);
      expect(numbers(oldest.entries)).toEqual([9]);
      expect(await store().audit.read(ACME, {}, { order: 'oldest', after: oldest.next! }, 9)).toMatchObject({
        entries: [{ number: 10 }],
      });
      expect(await store().audit.read('tenant/none/1', {}, { order: 'newest' }, 5)).toEqual({ entries: [] });
    });

    test('retention deletes the first entries only, even when their times are out of order', async () => {
      await create('acme', { at });
      const times = [1, 7, 2, 8, 3];
      for (const [index, ms] of times.entries())
        await committed(store(), commit('acme', index + 1, { audit: of('tenants/acme', { at: at + ms }) }));
      expect(await store().retention.expire('audit', at + 5, 100)).toBe(false);
      const kept = await read(ACME);
      expect(numbers(kept)).toEqual([6, 5, 4, 3]);
      expectWhole(kept, 3);
      await store().retention.expire('audit', at + 99, 100);
      expect(await read(ACME)).toEqual([]);
      await committed(store(), commit('acme', 6));
      const [entry] = await read(ACME);
      expect(entry).toMatchObject({ number: 7, previous: kept[0]!.hash });
    });
  });
}
