import { and, asc, eq, inArray, isNull, lt, lte, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { $, $text, guard, type Kit, parameters, prepare } from './query.ts';

/** Makes the statements that change people who exist, delete them, and delete what has expired. */
export function changeStatements(kit: Kit) {
  const { db, t, x } = kit;
  const {
    person,
    personAccount,
    personCode,
    passkeyChallenge,
    personSession,
    knownBrowser,
    deviceAuthorization,
    signInAttempt,
    member,
    token,
    invitation,
  } = t;
  const one = sql<number>`1`.as('one');
  const limit = $('limit');
  const before = $('before');
  type Table =
    | typeof personSession
    | typeof personCode
    | typeof passkeyChallenge
    | typeof knownBrowser
    | typeof deviceAuthorization
    | typeof signInAttempt;
  /** Deletes at most `limit` rows, and returns one row for each. */
  const oldest = (table: Table, key: SQLiteColumn, condition: SQL) =>
    prepare(
      db
        .delete(table)
        .where(inArray(key, db.select({ key }).from(table).where(condition).limit(limit)))
        .returning({ one }),
    );
  const isOfPerson = eq(member.person, $('person'));
  const ofPerson = sql`(select ${member.tenant} from ${member} where ${isOfPerson})`;
  const listed = sql`(select item from ${x.items($('tenants'))})`;
  return {
    setPassword: prepare(
      db
        .insert(personAccount)
        .values({
          ...parameters('id', 'person', 'password', 'createdAt'),
          account: $('person'),
          provider: sql`'credential'`,
          updatedAt: $('createdAt'),
        })
        .onConflictDoUpdate({
          target: [personAccount.provider, personAccount.account],
          set: { password: sql`excluded.password`, updatedAt: sql`excluded.updated_at` },
        }),
    ),
    setEmail: prepare(
      db
        .update(person)
        .set({ email: sql`${$('email')}`, updatedAt: sql`${$('at')}` })
        .where(eq(person.id, $('person'))),
    ),
    dropCodes: prepare(db.delete(personCode).where(eq(personCode.person, $('person')))),
    memberships: prepare(
      db.select({ tenant: member.tenant }).from(member).where(isOfPerson).orderBy(asc(member.tenant)),
    ),
    isMemberOfThese: guard(
      kit,
      'version',
      sql`not exists (select 1 from ${member} where ${and(isOfPerson, sql`${member.tenant} not in ${listed}`)})
        and not exists (select 1 from ${x.items($('tenants'))} where item not in ${ofPerson})`,
    ),
    isNoLastOwner: guard(
      kit,
      'owner',
      sql`not exists (select 1 from ${member} as mine where mine.person = ${$('person')} and mine.role = 'owner'
        and not exists (select 1 from ${member} as other where other.tenant = mine.tenant
          and other.person <> ${$('person')} and other.role = 'owner'))`,
    ),
    solelyOwned: prepare(
      db
        .select({ tenant: member.tenant })
        .from(member)
        .where(
          and(
            isOfPerson,
            eq(member.role, sql`'owner'`),
            sql`not exists (select 1 from ${member} as other where other.tenant = ${member.tenant}
              and other.person <> ${$('person')} and other.role = 'owner')`,
          ),
        )
        .orderBy(asc(member.tenant)),
    ),
    leave: prepare(db.delete(member).where(isOfPerson)),
    revokeInvitations: prepare(
      db
        .update(invitation)
        .set({ revokedAt: sql`${$('at')}` })
        .where(
          and(
            sql`(${invitation.invitedBy} = 'person:' || ${$text('person')} or ${invitation.invitedBy} in (select 'token:' || ${token.id} from ${token} where ${eq(token.person, $('person'))}))`,
            isNull(invitation.acceptedAt),
            isNull(invitation.revokedAt),
          ),
        ),
    ),
    revokeTokens: prepare(
      db
        .update(token)
        .set({ revokedAt: sql`${$('at')}` })
        .where(and(eq(token.person, $('person')), isNull(token.revokedAt))),
    ),
    remove: prepare(db.delete(person).where(eq(person.id, $('person')))),
    expiredSessions: oldest(personSession, personSession.id, lte(personSession.expiresAt, before)),
    expiredBrowsers: oldest(knownBrowser, knownBrowser.hash, lte(knownBrowser.expiresAt, before)),
    expiredCodes: oldest(personCode, personCode.hash, lte(personCode.expiresAt, before)),
    expiredChallenges: oldest(passkeyChallenge, passkeyChallenge.hash, lte(passkeyChallenge.expiresAt, before)),
    expiredDevices: oldest(deviceAuthorization, deviceAuthorization.hash, lte(deviceAuthorization.expiresAt, before)),
    oldAttempts: oldest(signInAttempt, signInAttempt.key, lt(signInAttempt.at, before)),
  };
}
