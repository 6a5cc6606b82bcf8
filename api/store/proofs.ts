import { and, eq, gt, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { type PasskeyUse, passkeyStatements } from './passkey-statements.ts';
import { isSentToPerson } from './person-statements.ts';
import { $, guard, type Kit, prepare } from './query.ts';

/** What has shown that the person with a session sends a request, and not somebody who has stolen the session. */
export type Proof =
  /** The hash with which the password was compared. */
  | { by: 'password'; password: string }
  /** The hash of a code that was sent to the address of the person. */
  | { by: 'code'; hash: string }
  | { by: 'passkey'; use: PasskeyUse }
  /** The id of the session, which has just begun with the account of a company. */
  | { by: 'session'; session: string };

/**
 * Makes the statements that use up a proof, for the batch of the change that needs it. A guard named `version` rejects
 * a proof that does not hold any more, or was used meanwhile.
 */
export function proofStatements(kit: Kit): (person: string, proof: Proof, now: number) => Statement[] {
  const { db, t } = kit;
  const { personAccount, personCode, personSession } = t;
  const { use } = passkeyStatements(kit);
  const code = and(
    eq(personCode.hash, $('hash')),
    eq(personCode.person, $('person')),
    eq(personCode.purpose, sql`'prove'`),
    gt(personCode.expiresAt, $('now')),
    isSentToPerson(kit),
  );
  const credential = and(
    eq(personAccount.person, $('person')),
    eq(personAccount.provider, sql`'credential'`),
    eq(personAccount.password, $('password')),
  );
  const session = and(eq(personSession.id, $('session')), eq(personSession.person, $('person')));
  const q = {
    hasPassword: guard(kit, 'version', sql`exists (select 1 from ${personAccount} where ${credential})`),
    hasCode: guard(kit, 'version', sql`exists (select 1 from ${personCode} where ${code})`),
    hasSession: guard(kit, 'version', sql`exists (select 1 from ${personSession} where ${session})`),
    dropCode: prepare(db.delete(personCode).where(eq(personCode.hash, $('hash')))),
  };
  return (person, proof, now) => {
    switch (proof.by) {
      case 'password':
        return [q.hasPassword.with({ person, password: proof.password })];
      case 'code':
        return [q.hasCode.with({ hash: proof.hash, person, now }), q.dropCode.with({ hash: proof.hash })];
      case 'passkey':
        return use(person, proof.use, now);
      case 'session':
        return [q.hasSession.with({ person, session: proof.session })];
    }
  };
}
