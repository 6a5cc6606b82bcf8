import { describe, expect, test } from 'vitest';
import type { SignedChallenge } from '../../api/store/passkey-statements.ts';
import type { Store } from '../../api/store/store.ts';
import { at, audit } from './fixtures.ts';

const later = at + 1000;
let mails = 0;
const mail = () => ({
  ...{ id: `passkey-mail-${++mails}`, recipient: 'x@example.com', template: 'passkey-added', sealed: '' },
  ...{ createdAt: at, expiresAt: at + 1, limit: { most: 100, since: 0 } },
});
const challenge = (hash: string, more: Partial<SignedChallenge> = {}): SignedChallenge => ({
  ...{ hash, purpose: 'sign-in', session: null },
  ...more,
});
const passkey = (id: string, person = 'ada') => ({
  ...{ id, person, credential: `credential-${id}`, name: 'Laptop', publicKey: 'key', counter: 0, transports: ['usb'] },
  ...{ syncable: true, synced: false, createdAt: at },
});

export function describePasskeys(store: () => Store): void {
  describe('passkeys', () => {
    const session = (of: string, id: string) => ({
      session: { id, person: of, createdAt: at, expiresAt: later, remote: '::1', userAgent: 'test' },
      hash: `hash-${id}`,
    });
    const signedUp = (id: string) =>
      store().personAccounts.signIn(
        { provider: 'https://login.example.com', account: id, step: 'create' },
        { id, email: `${id}@example.com`, name: 'Ada', createdAt: at },
        session(id, `first-${id}`),
        [],
        audit,
      );
    const issue = (issued: SignedChallenge) => store().passkeys.addChallenge({ ...issued, expiresAt: later });
    const add = async (id: string, { most = 9, person = 'ada' } = {}) => {
      const issued = challenge(`add-${id}`, { purpose: 'add', session: `first-${person}` });
      await issue(issued);
      return store().passkeys.add(passkey(id, person), { challenge: issued, most, mail: mail() }, audit);
    };

    test('a challenge counts once, for one purpose and session, until it expires', async () => {
      await signedUp('ada');
      const issued = challenge('c', { purpose: 'prove', session: 'first-ada' });
      await issue(issued);
      const use = (used: Partial<SignedChallenge>, now = at) =>
        store().passkeys.useChallenge({ ...issued, ...used }, now);
      expect(await use({ purpose: 'add' })).toBe(false);
      expect(await use({ session: 'other' })).toBe(false);
      expect(await use({ session: null })).toBe(false);
      expect(await use({}, later)).toBe(false);
      expect((await Promise.all([use({}), use({})])).toSorted()).toEqual([false, true]);
      await issue(challenge('d'));
      expect(await store().people.expire(later, 1)).toBe(true);
      expect(await store().passkeys.useChallenge(challenge('d'), at)).toBe(false);
    });

    test('a challenge ends with its session', async () => {
      await signedUp('ada');
      const issued = challenge('c', { purpose: 'add', session: 'first-ada' });
      await issue(issued);
      await store().personSessions.revokeAll('ada', audit);
      const change = { challenge: issued, most: 9, mail: mail() };
      expect(await store().passkeys.add(passkey('a'), change, audit)).toBe('invalid');
      expect(await store().passkeys.list('ada')).toEqual([]);
    });

    test('are found by their credential, belong to one person, and have a maximum number', async () => {
      await signedUp('ada');
      await signedUp('eve');
      expect(await add('a')).toBe('added');
      expect(await store().passkeys.find('credential-a')).toMatchObject({
        passkey: passkey('a'),
        person: { id: 'ada', email: 'ada@example.com' },
      });
      expect(await add('a', { person: 'eve' })).toBe('invalid');
      expect((await Promise.all([add('b', { most: 2 }), add('c', { most: 2 })])).toSorted()).toEqual([
        'added',
        'too many',
      ]);
      expect(await store().passkeys.list('ada')).toHaveLength(2);
      expect(await store().passkeys.rename('eve', 'a', 'Mine', audit)).toBe(false);
      expect(await store().passkeys.remove('eve', 'a', mail(), audit)).toBe(false);
      expect(await store().passkeys.remove('ada', 'a', mail(), audit)).toBe(true);
      expect(await store().passkeys.find('credential-a')).toBeUndefined();
    });

    test('sign in while the counter grows, or stays 0', async () => {
      await signedUp('ada');
      await add('a');
      let count = 0;
      const signIn = async (counter: number) => {
        const issued = challenge(`sign-in-${++count}`);
        await issue(issued);
        const use = { passkey: 'a', challenge: issued, counter, synced: true };
        return store().passkeys.signIn(use, session('ada', `s${count}`), [], audit);
      };
      const outcomes: boolean[] = [];
      for (const counter of [0, 0, 5, 5, 4, 0, 6]) outcomes.push(await signIn(counter));
      expect(outcomes).toEqual([true, true, true, false, false, false, true]);
      expect((await store().passkeys.find('credential-a'))?.passkey).toMatchObject({
        ...{ counter: 6, synced: true, lastUsedAt: at },
      });
      expect((await Promise.all([signIn(7), signIn(7)])).toSorted()).toEqual([false, true]);
      expect(await store().personSessions.list('ada', at)).toHaveLength(6);
    });

    test('are deleted with their person', async () => {
      await signedUp('ada');
      await add('a');
      const remove = (of: string) => store().people.remove('ada', { by: 'session', session: of }, audit);
      expect(await remove('ended')).toBe('changed');
      expect(await remove('first-ada')).toBe('removed');
      expect(await store().passkeys.find('credential-a')).toBeUndefined();
    });
  });
}
