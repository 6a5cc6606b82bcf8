import { and, eq, gt, sql } from 'drizzle-orm';
import { type Audit, audits } from './audit.ts';
import type { Statement } from './driver.ts';
import { mails, type QueuedMail } from './mail.ts';
import { type Person, type PersonSession, personLock, sessionStatements } from './person-sessions.ts';
import { $, first, guard, type Kit, locks, parameters, prepare } from './query.ts';
import { type AttemptKey, takeBack } from './sign-in-attempts.ts';
import { brokenGuard, violation } from './violation.ts';

/** A code that was sent to an address by mail. The store has only its hash. */
export interface PersonCode {
  purpose: 'sign-up' | 'reset' | 'email';
  /** The person who may use the code. Absent in a code for a sign-up. */
  person?: string;
  email: string;
  /** The name and the hash of the password of a person who signs up. */
  name?: string;
  password?: string;
  createdAt: number;
  expiresAt: number;
}

/** A new session, and the hash of its secret. */
export interface NewSession {
  session: PersonSession;
  hash: string;
}

/**
 * People, their passwords, and the codes that prove their addresses. A method with a code returns false when the code
 * does not exist, has expired or was used, also in the same moment.
 */
export interface People {
  find(id: string): Promise<Person | undefined>;
  /** Finds a person by the address, with the hash of the password if the person has one. */
  findByEmail(email: string): Promise<{ person: Person; password?: string } | undefined>;
  /** Stores a code, and queues the mail that contains it. */
  addCode(code: PersonCode, hash: string, mail: QueuedMail, audit: Audit): Promise<void>;
  findCode(hash: string, purpose: PersonCode['purpose'], now: number): Promise<PersonCode | undefined>;
  /**
   * Creates a person with a password by a code for a sign-up, and signs the person in. Deletes all codes for sign-ups
   * with this address.
   */
  create(person: Person & { password: string }, codeHash: string, first: NewSession, audit: Audit): Promise<boolean>;
  /**
   * Signs a person in, and forgets the failed attempts.
   *
   * @param password the hash with which the password was compared
   * @returns false when the password was changed meanwhile, or the person was deleted
   */
  signIn(next: NewSession, password: string, attempts: readonly AttemptKey[], audit: Audit): Promise<boolean>;
}

/** Times at which a row was written, and the address as proven. */
const PERSON = ['id', 'email', 'name', 'createdAt'] as const;

function statements(kit: Kit) {
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
    hasPassword: guard(
      kit,
      'version',
      sql`exists (select 1 from ${personAccount} where ${and(
        eq(personAccount.person, $('person')),
        eq(personAccount.provider, sql`'credential'`),
        eq(personAccount.password, $('password')),
      )})`,
    ),
  };
}

export function people(kit: Kit): People {
  const { driver } = kit;
  const q = statements(kit);
  const sessions = sessionStatements(kit);
  const undo = takeBack(kit);
  const queue = mails(kit);
  const audit = audits(kit);
  const hold = locks(kit);

  /** Runs a batch that begins with guards. Returns false when a guard rejects it, or an address is taken. */
  async function guarded(batch: Statement[]): Promise<boolean> {
    try {
      await driver.batch(batch);
      return true;
    } catch (error) {
      const found = violation(error);
      if (brokenGuard(found) === 'version' || found?.table === 'person') return false;
      throw error;
    }
  }

  const read = ({ role, ...row }: Omit<Person, 'role'> & { role: string | null }): Person => ({
    ...row,
    ...(role !== null && { role }),
  });

  return {
    async find(id) {
      const row = await first(kit, q.find, { id });
      return row && read(row);
    },

    async findByEmail(email) {
      const row = await first(kit, q.byEmail, { email });
      if (!row) return undefined;
      const { password, ...rest } = row;
      return { person: read(rest), ...(password !== null && { password }) };
    },

    async addCode({ person = null, name = null, password = null, ...code }, hash, mail, by) {
      await driver.batch([...queue(mail), q.addCode.with({ ...code, person, name, password, hash }), ...audit(by)]);
    },

    async findCode(hash, purpose, now) {
      const row = await first(kit, q.code, { hash, purpose, now });
      if (!row) return undefined;
      const { person, name, password, email, createdAt, expiresAt } = row;
      const rest = { email, createdAt, expiresAt, purpose };
      return {
        ...rest,
        ...(person !== null && { person }),
        ...(name !== null && { name }),
        ...(password !== null && { password }),
      };
    },

    create({ id, email, name, createdAt, password }, codeHash, { session, hash }, by) {
      return guarded([
        ...hold({ alone: [`email/${email}`] }),
        q.hasCode.with({ hash: codeHash, purpose: 'sign-up', now: by.at }),
        q.dropSignUps.with({ email }),
        q.insert.with({ id, email, name, createdAt }),
        q.insertPassword.with({ id: `password/${id}`, person: id, password, createdAt }),
        ...sessions.begin(session, hash),
        ...audit(by),
      ]);
    },

    signIn({ session, hash }, password, attempts, by) {
      return guarded([
        ...hold({ alone: [personLock(session.person)] }),
        q.hasPassword.with({ person: session.person, password }),
        ...sessions.begin(session, hash),
        ...undo(attempts),
        ...audit(by),
      ]);
    },
  };
}
