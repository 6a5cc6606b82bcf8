import { beforeEach, describe, expect, test } from 'vitest';
import type { NameChange } from '../../api/store/automatic.ts';
import { ATTACHED_NAMES } from '../../api/store/kept-names.ts';
import type { Store } from '../../api/store/store.ts';
import { attach as attaching } from './attached.ts';
import { at, audit, commit, committed, fleet, headId, tenant } from './fixtures.ts';

const DAY = 24 * 60 * 60 * 1000;

export function describeAutomaticNames(store: () => Store): void {
  describe('automatic names', () => {
    let fleetGeneration: number;

    beforeEach(async () => {
      for (const name of ['acme', 'other']) await store().tenants.create(tenant(name), audit);
      await store().fleets.create(fleet('public'), audit);
      fleetGeneration = await store().fleets.generation();
    });

    const wanted = (...names: string[]) =>
      names.map((name) => ({ name, certificate: 'auto', challenge: 'HTTP-01' as const }));
    const write = (of: string, revision: number, ...names: string[]) =>
      committed(store(), commit(of, revision, { automatic: wanted(...names), fleetGeneration }));
    const due = async (now = at + 10) =>
      (await store().automatic.due(now, 10)).map(({ tenant, name }) => `${tenant}/${name}`);
    const find = async (name: string) => (await store().automatic.find('acme', name))!;
    const announce = () => ({
      head: { revision: 1, id: headId(1), tenantCreatedAt: at },
      others: [],
      fleetGeneration,
      fleets: ['public'],
      at,
    });

    test('a commit adds the names that it wants, and a tenant comes again only after the others', async () => {
      await write('acme', 1, 'a.test', 'b.test');
      await write('other', 1, 'c.test');
      expect(await due(at)).toEqual([]);
      expect(new Set((await due()).slice(0, 2).map((each) => each.split('/')[0]))).toEqual(new Set(['acme', 'other']));
      expect(await find('a.test')).toMatchObject({ step: 'idle', wanted: 1, version: 0, chain: null, orderedAt: null });
    });

    test('names wait in queues, at no cost, and leave in the order in which they became due, renewals first', async () => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}.test`);
      await write('acme', 1, ...names);
      await write('other', 1, 'o.test');
      const rows = await Promise.all(names.map(find));
      for (const [index, row] of rows.entries())
        await store().automatic.change(row, { dueAt: at - index, ...(index === 0 && { chain: 'PEM' }) });
      const waiting = await Promise.all(names.map(find));
      const other = (await store().automatic.find('other', 'o.test'))!;
      const queued = [...waiting.slice(0, 5), { ...waiting[5]!, version: 7 }].map((row) => ({ ...row, queue: 'q' }));
      await store().automatic.enqueue([...queued, { ...other, queue: 'r', reason: 'why' }]);
      // The row of the last one has another version.
      expect(await due()).toEqual(['acme/f.test']);
      expect(await store().automatic.find('other', 'o.test')).toMatchObject({ queue: 'r', reason: 'why', version: 1 });
      expect(await store().automatic.queues()).toEqual(['q', 'r']);
      expect(await store().automatic.leaveQueue('q', 2)).toBe(2);
      expect((await due()).sort()).toEqual(['acme/a.test', 'acme/e.test', 'acme/f.test']);
      expect(await store().automatic.leaveQueue('r', 9)).toBe(1);
      expect(await store().automatic.queues()).toEqual(['q']);
      // A name that the configuration drops waits no longer, and is due again when it comes back.
      await write('acme', 2);
      expect(await store().automatic.queues()).toEqual([]);
      await write('acme', 3, ...names);
      expect(await due()).toHaveLength(7);
    });

    test('a name that is dropped is due for removal later, and comes back with its certificate', async () => {
      await write('acme', 1, 'a.test');
      await store().automatic.change(await find('a.test'), { chain: 'PEM', key: 'k', dueAt: at + DAY });
      await write('acme', 2, 'b.test');
      expect(await find('a.test')).toMatchObject({ wanted: 0, chain: 'PEM', dueAt: at + 2 + 7 * DAY });
      expect(await store().automatic.ofCertificates('acme', ['auto'])).toEqual([]);
      await write('acme', 3, 'a.test', 'b.test');
      expect(await find('a.test')).toMatchObject({ wanted: 1, chain: 'PEM', dueAt: at + 3 });
      expect(await store().automatic.ofNames('acme', ['a.test', 'none.test'])).toMatchObject([
        { chain: 'PEM', key: 'k' },
      ]);
    });

    test('of two changes of one row, the first counts; keys that nothing uses any more are deleted', async () => {
      await write('acme', 1, 'a.test');
      const row = await find('a.test');
      const key = (id: string) => ({ id, keyId: 'dev', sealed: 'x' });
      expect(await store().automatic.change(row, { nextKey: 'k1' }, { keys: [key('k1')] })).toEqual([]);
      expect(await store().automatic.change(row, { nextKey: 'k2' }, { keys: [key('k2')] })).toBeUndefined();
      expect(await store().keys.find('acme', ['k1', 'k2'])).toEqual([key('k1')]);
      await store().automatic.change(await find('a.test'), { nextKey: null, key: 'k1', chain: 'PEM' });
      expect(await store().keys.find('acme', ['k1'])).toEqual([key('k1')]);
      expect(await store().automatic.keyIds('acme')).toEqual(['k1']);
      await store().automatic.change(await find('a.test'), { key: 'k3' }, { keys: [key('k3')] });
      expect(await store().keys.find('acme', ['k1', 'k3'])).toEqual([key('k3')]);
    });

    test('an announced change has a feed row with the name, and needs the head from which it was made', async () => {
      await write('acme', 1, 'a.test');
      const old = await find('a.test');
      const more = { announce: announce(), audit: { ...audit, target: 'tenants/acme/certificates/auto/names/a.test' } };
      expect(await store().automatic.change(old, { token: 't', answer: 'a' }, more)).toEqual([
        { fleet: 'public', seq: 2 },
      ]);
      expect((await store().feed.read('public', 1, 10)).rows).toMatchObject([
        { tenant: 'acme', revision: 1, base: 1, issued: ['a.test'] },
      ]);
      await write('acme', 2, 'a.test', 'b.test');
      expect(await store().automatic.change(await find('a.test'), { token: null }, more)).toBeUndefined();
      expect(await find('a.test')).toMatchObject({ token: 't' });
    });

    test('a row that is still wanted is not removed; with its tenant it is', async () => {
      await write('acme', 1, 'a.test');
      await store().automatic.remove(await find('a.test'));
      expect(await find('a.test')).toBeDefined();
      await write('acme', 2);
      await store().automatic.remove(await find('a.test'));
      expect(await find('a.test')).toBeUndefined();
    });

    test('the first account at an authority is kept, and gets its URL once', async () => {
      const account = (url: string) => ({ directory: 'https://ca/dir', url, keyId: 'dev', sealed: 's' });
      expect(await store().automatic.beginAccount({ ...account(''), sealed: 'first' })).toMatchObject({
        sealed: 'first',
      });
      expect(await store().automatic.beginAccount(account(''))).toMatchObject({ url: '', sealed: 'first' });
      for (const url of ['one', 'two']) await store().automatic.nameAccount({ directory: 'https://ca/dir', url });
      expect(await store().automatic.account('https://ca/dir')).toEqual({ ...account('one'), sealed: 'first' });
      await store().automatic.forgetAccount(account('one'));
      expect(await store().automatic.account('https://ca/dir')).toBeUndefined();
    });

    describe('that other tenants attach', () => {
      const marker = () => store().automatic.find('acme', ATTACHED_NAMES);
      const attach = async (...names: string[]) =>
        store().automatic.attach((await marker())!, wanted(...names), at + 5);
      const open = (revision: number, ...names: string[]) =>
        committed(
          store(),
          commit('acme', revision, { automatic: wanted(...names), movesAttachedNames: true, fleetGeneration }),
        );

      test('a commit of the owner makes them due, and they stay beside the names of its own servers', async () => {
        await open(1, 'own.test');
        expect(await due()).toContain(`acme/${ATTACHED_NAMES}`);
        await attach('one.test', 'two.test', 'own.test');
        expect(await due()).not.toContain(`acme/${ATTACHED_NAMES}`);
        expect(await find('one.test')).toMatchObject({ attached: 1, wanted: 1, step: 'idle', dueAt: at + 5 });
        expect(await find('own.test')).toMatchObject({ attached: 0, version: 0 });
        await open(2, 'own.test', 'two.test');
        expect(await find('one.test')).toMatchObject({ attached: 1, wanted: 1, version: 0 });
        expect(await find('two.test')).toMatchObject({ attached: 0, wanted: 1 });
        expect(await due()).toContain(`acme/${ATTACHED_NAMES}`);
      });

      test('those that are released go later, and come back with their certificate, which agents get again', async () => {
        await open(1);
        await attach('one.test', 'two.test');
        await store().automatic.change(await find('one.test'), { chain: 'PEM', key: 'k', dueAt: at + DAY });
        await open(2);
        await attach('two.test');
        expect(await find('one.test')).toMatchObject({ wanted: 0, dueAt: at + 5 + 7 * DAY });
        await open(3);
        await attach('one.test', 'two.test');
        expect(await find('one.test')).toMatchObject({ wanted: 1, chain: 'PEM', step: 'returning', dueAt: at + 5 });
        expect(await find('two.test')).toMatchObject({ version: 0 });
      });

      test('are not written when a commit has made them due again meanwhile', async () => {
        await open(1);
        const old = (await marker())!;
        await open(2);
        await store().automatic.attach(old, wanted('one.test'), at);
        expect(await find('one.test')).toBeUndefined();
        expect(await due()).toContain(`acme/${ATTACHED_NAMES}`);
      });
    });

    describe('when a domain is proven', () => {
      const proof = { tenant: 'acme', name: 'shop.test', token: 't', at: at + 5, nextCheckAt: at + DAY };
      const UNPROVEN = 'the tenant has not proven it: claim its domain';
      /** Names of the tenant, each with what sets it apart from one that waits for the proof. */
      const unproven = async (names: Record<string, NameChange>) => {
        await write('acme', 1, ...Object.keys(names));
        for (const [name, change] of Object.entries(names)) await wait('acme', name, change);
      };
      const wait = async (of: string, name: string, change: NameChange = {}) => {
        const row = (await store().automatic.find(of, name))!;
        await store().automatic.change(row, { reason: UNPROVEN, failures: 3, dueAt: at + DAY, ...change });
      };

      beforeEach(async () => {
        const claim = { ...proof, isHeld: false, createdAt: at, provenAt: null, missingSince: null, checkedAt: null };
        const room = { tenant: 'acme', otherwise: 9, now: at };
        await store().domains.claim({ ...claim, failures: 0, reason: null }, room, audit);
      });

      test('the names at and below it that waited for the proof are due at once, and no others', async () => {
        const failed = 'the authority could not check it';
        await unproven({
          ...{ 'shop.test': {}, 'a.shop.test': {}, '*.shop.test': {}, 'new.shop.test': { reason: '', dueAt: at } },
          ...{ 'othershop.test': {}, test: {}, 'x.test': {} },
          'failed.shop.test': { reason: failed, orderedAt: at },
          'refused.shop.test': { reason: failed },
          'limited.shop.test': { reason: 'queued: the authority accepts the order later' },
          'unserved.shop.test': { reason: 'no fleet serves a gateway with this host' },
          'again.shop.test': { orderedAt: at },
          'renewed.shop.test': { chain: 'PEM' },
          'queued.shop.test': {},
        });
        await store().automatic.enqueue([{ ...(await find('queued.shop.test')), queue: 'q' }]);
        const begun = await find('new.shop.test');
        expect(await store().domains.prove(proof, audit)).toBe('proven');
        const woken = ['*.shop.test', 'a.shop.test', 'new.shop.test', 'shop.test'];
        expect((await due()).sort()).toEqual(woken.map((name) => `acme/${name}`));
        expect(await find('a.shop.test')).toMatchObject({ reason: '', failures: 0, dueAt: at + 5 });
        // A step that read the domain before the proof.
        await store().automatic.change(begun, { reason: UNPROVEN, dueAt: at + DAY });
        expect(await find('new.shop.test')).toMatchObject({ reason: '', dueAt: at + 5 });
        // The proof is found again, so nothing has changed for a name that waits anyway.
        await wait('acme', 'shop.test');
        expect(await store().domains.prove(proof, audit)).toBe('proven');
        expect(await due()).not.toContain('acme/shop.test');
      });

      test('so are those that the tenant attaches to gateways of another one', async () => {
        const hosts = ['shop.test', 'a.shop.test', 'x.test'];
        const add = hosts.map((host) => ({ owner: 'other', host }));
        await committed(store(), commit('acme', 1, { ...attaching([], { add }), fleetGeneration }));
        const opened = { automatic: [], movesAttachedNames: true, fleetGeneration };
        await committed(store(), commit('other', 1, opened));
        const names = [...hosts, 'foreign.shop.test'];
        await store().automatic.attach((await store().automatic.find('other', ATTACHED_NAMES))!, wanted(...names), at);
        for (const name of names) await wait('other', name, { reason: 'the tenant acme has not proven it' });
        expect(await store().domains.prove(proof, audit)).toBe('proven');
        expect((await due()).sort()).toEqual(['other/a.shop.test', 'other/shop.test']);
      });
    });
  });
}
