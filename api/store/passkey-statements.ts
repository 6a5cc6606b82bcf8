import { and, eq, gt, isNull, or, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { $, $int, guard, type Kit, prepare } from './query.ts';

/** A challenge whose signature was checked. `session` is the session that requested it; null for a sign-in. */
export interface SignedChallenge {
  hash: string;
  purpose: 'add' | 'sign-in' | 'prove';
  session: string | null;
}

/** A use of a passkey: a signature that was checked, and what the authenticator says with it. */
export interface PasskeyUse {
  passkey: string;
  challenge: SignedChallenge;
  /** The number of signatures; 0 when the authenticator does not count. */
  counter: number;
  synced: boolean;
}

/** The lock on a challenge that people who have not signed in may answer. */
export const challengeLock = ({ hash }: SignedChallenge): string => `challenge/${hash}`;

/**
 * Makes the statements that use up a challenge or a passkey, for the batches of other changes. A guard named `version`
 * rejects a challenge that was not issued for this, has expired or was used, or whose session has ended, and a counter
 * that does not grow.
 */
export function passkeyStatements(kit: Kit) {
  const { db, t } = kit;
  const { passkey, passkeyChallenge: challenge, personSession: session } = t;
  const own = and(eq(passkey.id, $('passkey')), eq(passkey.person, $('person')));
  const isValid = and(
    eq(challenge.hash, $('hash')),
    eq(challenge.purpose, $('purpose')),
    sql`coalesce(${challenge.session}, '') = ${$('session')}`,
    gt(challenge.expiresAt, $('now')),
    or(isNull(challenge.session), sql`exists (select 1 from ${session} where ${eq(session.id, challenge.session)})`),
  );
  const grows = or(gt($int('counter'), passkey.counter), and(eq(passkey.counter, 0), sql`${$int('counter')} = 0`));
  const q = {
    isIssued: guard(kit, 'version', sql`exists (select 1 from ${challenge} where ${isValid})`),
    drop: prepare(db.delete(challenge).where(eq(challenge.hash, $('hash')))),
    isNewer: guard(kit, 'version', sql`exists (select 1 from ${passkey} where ${and(own, grows)})`),
    used: prepare(
      db
        .update(passkey)
        .set({ counter: $int('counter'), synced: $int('synced'), lastUsedAt: $int('now') })
        .where(own),
    ),
  };
  const answer = ({ hash, purpose, session }: SignedChallenge, now: number): Statement[] => [
    q.isIssued.with({ hash, purpose, session: session ?? '', now }),
    q.drop.with({ hash }),
  ];
  return {
    /** Uses up a challenge. */
    answer,
    /** Uses up the challenge of a use, and stores the counter. */
    use: (person: string, { passkey: id, challenge: signed, counter, synced }: PasskeyUse, now: number) => [
      ...answer(signed, now),
      q.isNewer.with({ passkey: id, person, counter }),
      q.used.with({ passkey: id, person, counter, synced: Number(synced), now }),
    ],
  };
}
