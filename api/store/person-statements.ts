import { and, eq, gt, isNull, or, type SQL, sql } from 'drizzle-orm';
import { $, guard, type Kit, parameters, prepare } from './query.ts';

const PERSON = ['id', 'email', 'name', 'createdAt'] as const;

/**
 * Makes the condition that a code for a person was sent to the address that the person has. A code that is requested
 * while the address changes could otherwise give the account to the owner of the former address.
 */
export function isSentToPerson({ t: { person, personCode } }: Kit): SQL {
  return sql`${personCode.email} = (select ${person.email} from ${person} where ${eq(person.id, personCode.person)})`;
}

/** Makes the statements that find and create people, and their codes. */
export function personStatements(kit: Kit) {
  const { db, t } = kit;
  const { person, personAccount, personCode } = t;
  const columns = {
    id: person.id,
    email: person.email,
    name: person.name,
    role: person.role,
    createdAt: person.createdAt,
  };
  const code = and(
    eq(personCode.hash, $('hash')),
    eq(personCode.purpose, $('purpose')),
    gt(personCode.expiresAt, $('now')),
    // A code for a sign-up has no person, and one for a change of the address was sent to the new address.
    or(isNull(personCode.person), eq(personCode.purpose, sql`'email'`), isSentToPerson(kit)),
  );
  const credential = and(eq(personAccount.person, person.id), eq(personAccount.provider, sql`'credential'`));
  return {
    find: prepare(
      db
        .select(columns)
        .from(person)
        .where(eq(person.id, $('id'))),
    ),
    byEmail: prepare(
      db
        .select({ ...columns, password: personAccount.password })
        .from(person)
        .leftJoin(personAccount, credential)
        .where(eq(person.email, $('email'))),
    ),
    addCode: prepare(
      db
        .insert(personCode)
        .values(parameters('hash', 'purpose', 'person', 'email', 'name', 'password', 'createdAt', 'expiresAt')),
    ),
    code: prepare(db.select().from(personCode).where(code)),
    hasCode: guard(kit, 'version', sql`exists (select 1 from ${personCode} where ${code})`),
    dropSignUps: prepare(
      db.delete(personCode).where(and(eq(personCode.email, $('email')), eq(personCode.purpose, sql`'sign-up'`))),
    ),
    insert: prepare(
      db.insert(person).values({ ...parameters(...PERSON), emailVerified: 1, updatedAt: $('createdAt') }),
    ),
    insertPassword: prepare(
      db.insert(personAccount).values({
        ...parameters('id', 'person', 'password', 'createdAt'),
        account: $('person'),
        provider: sql`'credential'`,
        updatedAt: $('createdAt'),
      }),
    ),
  };
}
