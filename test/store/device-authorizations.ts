import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../api/store/store.ts';
import { at, audit } from './fixtures.ts';
import { mail, session, signedUp } from './people.ts';

const later = at + 1000;
const HASHES = { device: 'device-1', user: 'user-1' };
const made = { name: 'laptop', remote: '::1', createdAt: at, expiresAt: later };
/** The session in which Ada decides. It expires at `later`. */
const approve = { person: 'ada', session: 'first-ada', decision: 'approved', attempts: [] } as const;

export function describeDeviceAuthorizations(store: () => Store): void {
  describe('device authorizations', () => {
    const devices = () => store().deviceAuthorizations;
    const signIn = (id: string, when = at, endsAt = later) => {
      const { session: begun, hash } = session('ada', id);
      const next = { session: { ...begun, expiresAt: endsAt }, hash };
      return devices().signIn(HASHES.device, next, { mail: mail(), attempts: [] }, { ...audit, at: when });
    };
    beforeEach(async () => {
      await signedUp(store(), 'ada');
      await devices().add(made, HASHES, 100, audit);
    });

    test('are found by either code until they are decided, also after they expired by that of the command', async () => {
      expect(await devices().findPending(HASHES.user, at)).toEqual(made);
      expect(await devices().findPending(HASHES.user, later)).toBeUndefined();
      expect(await devices().findPending(HASHES.device, at)).toBeUndefined();
      expect(await devices().find(HASHES.device)).toEqual({ ...made, state: 'pending' });
      expect(await devices().decide(HASHES.user, approve, audit)).toBe(true);
      expect(await devices().findPending(HASHES.user, at)).toBeUndefined();
      expect(await devices().find(HASHES.device)).toEqual({
        ...{ ...made, state: 'approved', decided: { person: 'ada', sessionExpiresAt: later } },
      });
    });

    test('begin one session, also when many ask at once', async () => {
      expect(await signIn('early')).toBe(false);
      await devices().decide(HASHES.user, approve, audit);
      const outcomes = await Promise.all(Array.from({ length: 16 }, (_, i) => signIn(`s${i}`)));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await devices().find(HASHES.device)).toBeUndefined();
      expect(await store().personSessions.list('ada', at)).toHaveLength(2);
    });

    test('are decided once, before they expire', async () => {
      await signedUp(store(), 'eve');
      const outcomes = await Promise.all([
        devices().decide(HASHES.user, approve, audit),
        devices().decide(HASHES.user, { ...approve, person: 'eve', session: 'first-eve', decision: 'denied' }, audit),
      ]);
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      await devices().add(made, { device: 'd2', user: 'u2' }, 100, audit);
      expect(await devices().decide('u2', approve, { ...audit, at: later })).toBe(false);
      expect(await devices().decide('u2', { ...approve, person: 'nobody' }, audit)).toBe(false);
    });

    test('begin no session when they have expired, or the sessions of the person were ended', async () => {
      await devices().decide(HASHES.user, approve, audit);
      expect(await signIn('late', later)).toBe(false);
      await store().personSessions.revokeAll('ada', audit);
      expect(await signIn('ended')).toBe(false);
      expect(await devices().find(HASHES.device)).toBeUndefined();
    });

    test('begin no session once the session that approved them was ended', async () => {
      await devices().decide(HASHES.user, approve, audit);
      expect(await store().personSessions.revoke('ada', 'first-ada', at, audit)).toBe(true);
      expect(await devices().find(HASHES.device)).toEqual({ ...made, state: 'approved' });
      expect(await signIn('ended')).toBe(false);
      expect(await store().personSessions.list('ada', at)).toEqual([]);
    });

    test('begin no session that outlasts the session that approved them', async () => {
      await devices().add({ ...made, expiresAt: later + 1000 }, { device: 'd2', user: 'u2' }, 100, audit);
      for (const code of [HASHES.user, 'u2']) expect(await devices().decide(code, approve, audit)).toBe(true);
      const change = { mail: mail(), attempts: [] };
      expect(await devices().signIn('d2', session('ada', 'expired'), change, { ...audit, at: later })).toBe(false);
      expect(await signIn('longer', at, later + 1)).toBe(false);
      expect(await signIn('as long', later - 1)).toBe(true);
    });

    test('begin no session by the session of another person', async () => {
      await signedUp(store(), 'eve');
      await devices().decide(HASHES.user, { ...approve, session: 'first-eve' }, audit);
      expect(await signIn('other')).toBe(false);
    });

    test('inform the person about the session, and about none that did not begin', async () => {
      const count = async () => (await store().mail.list({ after: '~', limit: 100 })).length;
      const before = await count();
      expect([await signIn('early'), await count()]).toEqual([false, before]);
      await devices().decide(HASHES.user, approve, audit);
      expect([await signIn('first'), await count()]).toEqual([true, before + 1]);
      expect([await signIn('again'), await count()]).toEqual([false, before + 1]);
    });

    test('slow down a command that asks too early', async () => {
      const poll = (after: number) => devices().poll(HASHES.device, 500, at + after);
      // 100 ms apart, and 600 ms after the first early question.
      expect([await poll(99), await poll(700), await poll(1299), await poll(9999)]).toEqual([true, false, true, false]);
    });

    test('are deleted some time after they expired', async () => {
      const hour = 60 * 60 * 1000;
      await store().people.expire(later + hour - 1, 10);
      expect(await devices().find(HASHES.device)).toBeDefined();
      await store().people.expire(later + hour, 10);
      expect(await devices().find(HASHES.device)).toBeUndefined();
    });

    test('give the session the name of the machine', async () => {
      await devices().decide(HASHES.user, approve, audit);
      const next = session('ada', 'named', at + 1);
      await devices().signIn(
        HASHES.device,
        { ...next, session: { ...next.session, name: 'laptop' } },
        { mail: mail(), attempts: [] },
        audit,
      );
      const [latest, first] = await store().personSessions.list('ada', at);
      expect([latest?.name, first]).toEqual(['laptop', expect.not.objectContaining({ name: expect.anything() })]);
      const found = await store().personSessions.findByHash(next.hash, at);
      expect([found?.session.name, found?.person.name]).toEqual(['laptop', 'Ada']);
    });
  });
}
