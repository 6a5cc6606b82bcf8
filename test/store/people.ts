import { describe, expect, test } from 'vitest';
import type { QueuedMail } from '../../api/store/mail.ts';
import type { PersonCode } from '../../api/store/people.ts';
import type { NewSession } from '../../api/store/person-sessions.ts';
import type { Store } from '../../api/store/store.ts';
import { at, audit, tenant } from './fixtures.ts';

let mails = 0;
export const mail = (): QueuedMail => ({
  ...{ id: `mail-${++mails}`, recipient: 'x@example.com', template: 'verify-address', sealed: '' },
  ...{ createdAt: at, expiresAt: at + 1, limit: { most: 100, since: 0 } },
});

const later = at + 1000;
const code = (email: string, more: Partial<PersonCode> = {}): PersonCode => ({
  ...{ purpose: 'sign-up', email, name: 'Ada', password: 'hashed', createdAt: at, expiresAt: later },
  ...more,
});
const person = (id: string, email = `${id}@example.com`) => ({ id, email, name: 'Ada', createdAt: at });
export const session = (of: string, id: string, createdAt = at): NewSession => ({
  session: { id, person: of, createdAt, expiresAt: later, remote: '::1', userAgent: 'test' },
  hash: `hash-${id}`,
});

/** Creates a person with a session. */
export async function signedUp({ people }: Store, id: string, email = `${id}@example.com`): Promise<boolean> {
  await people.addCode(code(email), `code-${id}`, mail(), audit);
  return people.create({ ...person(id, email), password: 'hashed' }, `code-${id}`, session(id, `first-${id}`), audit);
}

export function describePeople(store: () => Store): void {
  describe('people', () => {
    test('are created by a code, once, with a session', async () => {
      expect(await signedUp(store(), 'ada')).toBe(true);
      expect(await store().people.find('ada')).toEqual(person('ada'));
      expect(await store().people.findByEmail('ada@example.com')).toEqual({
        person: person('ada'),
        password: 'hashed',
      });
      expect((await store().personSessions.findByHash('hash-first-ada', at))?.person).toEqual(person('ada'));
      const again = { ...person('eve', 'ada@example.com'), password: 'hashed' };
      expect(await store().people.create(again, 'code-ada', session('eve', 'e'), audit)).toBe(false);
      expect(await store().people.find('eve')).toBeUndefined();
    });

    test('an address belongs to the first who proves it; other codes for it are deleted', async () => {
      for (const id of ['a', 'b']) await store().people.addCode(code('x@example.com'), `code-${id}`, mail(), audit);
      const made = (id: string) =>
        store().people.create({ ...person(id, 'x@example.com'), password: id }, `code-${id}`, session(id, id), audit);
      expect((await Promise.all([made('a'), made('b')])).toSorted()).toEqual([false, true]);
      expect(await store().people.findCode('code-a', 'sign-up', at)).toBeUndefined();
      expect(await store().people.findCode('code-b', 'sign-up', at)).toBeUndefined();
    });

    test('a code has one purpose and expires', async () => {
      await store().people.addCode(code('x@example.com'), 'c', mail(), audit);
      expect(await store().people.findCode('c', 'sign-up', at)).toEqual(code('x@example.com'));
      expect(await store().people.findCode('c', 'reset', at)).toBeUndefined();
      expect(await store().people.findCode('c', 'sign-up', later)).toBeUndefined();
      const made = { ...person('x', 'x@example.com'), password: 'hashed' };
      expect(await store().people.create(made, 'c', session('x', 'x'), { ...audit, at: later })).toBe(false);
    });

    test('a code counts only while the person has the address to which it was sent', async () => {
      await signedUp(store(), 'ada');
      const { people } = store();
      const session = 'first-ada';
      const add = (purpose: PersonCode['purpose'], hash: string, email: string) =>
        people.addCode(code(email, { purpose, person: 'ada' }), hash, mail(), audit);
      await add('email', 'to-new', 'new@example.com');
      const change = { person: 'ada', session, email: 'new@example.com', codeHash: 'to-new' };
      expect(await people.changeEmail({ ...change, session: 'ended', mail: mail() }, audit)).toBe(false);
      expect(await people.changeEmail({ ...change, mail: mail() }, audit)).toBe(true);
      // These were requested before, and are stored afterwards.
      for (const purpose of ['reset', 'prove'] as const) await add(purpose, purpose, 'ada@example.com');
      expect(await people.findCode('reset', 'reset', at)).toBeUndefined();
      const reset = (codeHash: string) =>
        people.resetPassword({ person: 'ada', password: 'new', codeHash, attempts: [], mail: mail() }, audit);
      const replace = (hash: string) => {
        const proof = { by: 'code', hash } as const;
        return people.changePassword({ person: 'ada', proof, password: 'new', session, mail: mail() }, audit);
      };
      expect([await reset('reset'), await replace('prove')]).toEqual([false, false]);
      await add('prove', 'prove-new', 'new@example.com');
      expect(await replace('prove-new')).toBe(true);
      await add('reset', 'reset-new', 'new@example.com');
      expect(await reset('reset-new')).toBe(true);
    });

    test('a further session ends the oldest one, and a further command the oldest command', async () => {
      await signedUp(store(), 'ada');
      const signIn = (id: string, createdAt: number, method: 'password' | 'device') => {
        const next = session('ada', id, createdAt);
        return store().people.signIn({ ...next, session: { ...next.session, method } }, 'hashed', [], audit);
      };
      const found = async (id: string) => (await store().personSessions.findByHash(`hash-${id}`, at)) !== undefined;
      for (let i = 0; i <= 50; i++) await signIn(`command-${i}`, at + 1 + i, 'device');
      expect([await found('first-ada'), await found('command-0'), await found('command-1')]).toEqual([
        true,
        false,
        true,
      ]);
      for (let i = 0; i < 50; i++) await signIn(`browser-${i}`, at + 100 + i, 'password');
      expect([await found('first-ada'), await found('browser-0'), await found('command-1')]).toEqual([
        false,
        true,
        true,
      ]);
      expect(await store().personSessions.list('ada', at)).toHaveLength(100);
    });

    test('the browsers of a person are known until they expire; a further one replaces the oldest', async () => {
      await signedUp(store(), 'ada');
      await signedUp(store(), 'eve');
      const signIn = (id: string, createdAt: number, more: object = {}) => {
        const browser = { hash: `browser-${id}`, expiresAt: later, ...more };
        return store().people.signIn({ ...session('ada', id, createdAt), browser }, 'hashed', [], audit);
      };
      const isKnown = (id: string, email = 'ada@example.com', when = at) =>
        store().knownBrowsers.isOf(`browser-${id}`, email, when);
      await signIn('first', at);
      expect([await isKnown('first'), await isKnown('first', 'eve@example.com')]).toEqual([true, false]);
      expect([await isKnown('first', undefined, later), await isKnown('other')]).toEqual([false, false]);
      await signIn('second', at + 1, { former: 'browser-first' });
      expect([await isKnown('first'), await isKnown('second')]).toEqual([false, true]);
      for (let i = 0; i < 50; i++) await signIn(`${i}`, at + 2 + i);
      expect([await isKnown('second'), await isKnown('0')]).toEqual([false, true]);
      while (await store().people.expire(later, 10));
      expect(await isKnown('49')).toBe(false);
    });

    test('a sign-in requires the password that was compared, and takes back the failed attempts', async () => {
      await signedUp(store(), 'ada');
      const keys = [
        { key: 'pair', free: 2 },
        { key: 'remote', free: 9, isShared: true as const },
      ];
      for (let i = 0; i < 2; i++) expect(await store().signInAttempts.count(keys, at)).toBeUndefined();
      expect(await store().people.signIn(session('ada', 's'), 'another hash', keys, audit)).toBe(false);
      expect(await store().people.signIn(session('ada', 's'), 'hashed', keys, audit)).toBe(true);
      for (let i = 0; i < 2; i++) expect(await store().signInAttempts.count(keys, at)).toBeUndefined();
    });
  });

  describe('a person who is deleted', () => {
    test('leaves every tenant, but not as its last owner, also when 64 leave at once', async () => {
      await store().tenants.create(tenant('acme'), audit);
      const ids = Array.from({ length: 64 }, (_, i) => `p${i}`);
      for (const id of ids) {
        await signedUp(store(), id);
        await store().members.add({ tenant: 'acme', person: id, role: 'owner', createdAt: at }, audit);
      }
      expect(await store().people.remove('p0', { by: 'password', password: 'another hash' }, audit)).toBe('changed');
      const outcomes = await Promise.all(
        ids.map((id) => store().people.remove(id, { by: 'password', password: 'hashed' }, audit)),
      );
      expect(outcomes.filter((outcome) => outcome === 'last-owner')).toHaveLength(1);
      const left = await store().members.list('acme', { limit: 500 });
      expect(left).toMatchObject([{ role: 'owner' }]);
      expect(await store().people.find(left[0]!.person)).toBeDefined();
      expect(
        await store().personSessions.findByHash(`hash-first-${ids.find((id) => id !== left[0]!.person)}`, at),
      ).toBeUndefined();
    });

    test('takes the tokens and invitations along that the person is responsible for', async () => {
      await store().tenants.create(tenant('acme'), audit);
      for (const id of ['ada', 'eve']) {
        await signedUp(store(), id);
        await store().members.add({ tenant: 'acme', person: id, role: 'owner', createdAt: at }, audit);
        const token = { id: `t-${id}`, description: '', scopes: ['admin' as const], createdAt: at, prefix: '' };
        await store().tokens.create({ ...token, tenant: 'acme', person: id }, `hash-${id}`, audit);
        await store().tokens.create({ ...token, id: `p-${id}`, person: id }, `hash-p-${id}`, audit);
        for (const invitedBy of [`person:${id}`, `token:t-${id}`]) {
          const invitation = {
            id: invitedBy,
            tenant: 'acme',
            email: `${invitedBy}@example.com`,
            role: 'viewer' as const,
          };
          await store().invitations.create(
            { ...invitation, invitedBy, createdAt: at, expiresAt: later },
            invitedBy,
            mail(),
            audit,
            { most: 9, since: 0 },
          );
        }
      }
      expect(await store().people.remove('ada', { by: 'password', password: 'hashed' }, audit)).toBe('removed');
      const open = async (list: Promise<{ id: string; revokedAt?: number }[]>) =>
        (await list).filter(({ revokedAt }) => revokedAt === undefined).map(({ id }) => id);
      const all = { limit: 99 };
      expect(await open(store().tokens.list({ tenant: 'acme' }, all))).toEqual(['t-eve']);
      expect(await open(store().tokens.list('platform', all))).toEqual(['p-eve']);
      expect(await open(store().invitations.list('acme', all))).toEqual(['person:eve', 'token:t-eve']);
    });

    test('what has expired is deleted', async () => {
      await signedUp(store(), 'ada');
      await store().people.addCode(code('x@example.com'), 'c', mail(), audit);
      await store().signInAttempts.count([{ key: 'k', free: 1 }], at);
      expect(await store().people.expire(later - 1, 10)).toBe(false);
      expect(await store().personSessions.list('ada', at)).toHaveLength(1);
      expect(await store().people.expire(later, 1)).toBe(true);
      expect(await store().people.expire(later, 10)).toBe(false);
      expect(await store().personSessions.list('ada', at)).toEqual([]);
    });
  });

  describe('sessions', () => {
    test('are found until they expire, and ended by their person only', async () => {
      await signedUp(store(), 'ada');
      await signedUp(store(), 'eve');
      await store().people.signIn(session('ada', 's', at + 1), 'hashed', [], audit);
      expect(await store().personSessions.findByHash('hash-s', later)).toBeUndefined();
      expect((await store().personSessions.list('ada', at)).map(({ id }) => id)).toEqual(['s', 'first-ada']);
      expect(await store().personSessions.revoke('eve', 's', at, audit)).toBe(false);
      expect(await store().personSessions.revoke('ada', 's', at, audit)).toBe(true);
      expect(await store().personSessions.revoke('ada', 's', at, audit)).toBe(false);
      expect(await store().personSessions.findByHash('hash-s', at)).toBeUndefined();
      await store().people.signIn(session('ada', 't'), 'hashed', [], audit);
      await store().personSessions.revokeAll('ada', audit, 't');
      expect((await store().personSessions.list('ada', at)).map(({ id }) => id)).toEqual(['t']);
      expect(await store().personSessions.list('eve', at)).toHaveLength(1);
    });

    test('of one person, the oldest ones end when there are too many', async () => {
      await signedUp(store(), 'ada');
      for (let i = 1; i <= 50; i++) await store().people.signIn(session('ada', `s${i}`, at + i), 'hashed', [], audit);
      const ids = (await store().personSessions.list('ada', at)).map(({ id }) => id);
      expect([ids.length, ids[0], ids.at(-1)]).toEqual([50, 's50', 's1']);
      expect(await store().personSessions.findByHash('hash-first-ada', at)).toBeUndefined();
    });
  });

  describe('attempts', () => {
    const keys = [{ key: 'k', free: 3 }];
    const count = (now: number) => store().signInAttempts.count(keys, now);

    test('of 64 at once, as many are permitted as are free, and one more', async () => {
      const outcomes = await Promise.all(Array.from({ length: 64 }, () => count(at)));
      expect(outcomes.filter((until) => until === undefined)).toHaveLength(4);
      expect(new Set(outcomes)).toEqual(new Set([undefined, at + 1000]));
    });

    test('each further one doubles the delay, up to 15 minutes; a day later they are forgotten', async () => {
      let now = at;
      const delays: number[] = [];
      while (delays.length < 14) {
        const until = await count(now);
        if (until === undefined) continue;
        delays.push(until - now);
        now = until;
      }
      expect(delays.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
      expect(delays.at(-1)).toBe(15 * 60_000);
      for (let i = 0; i < 3; i++) expect(await count(now + 86_400_001)).toBeUndefined();
    });
  });
}
