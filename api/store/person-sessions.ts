import { and, desc, eq, gt, inArray, ne, sql } from 'drizzle-orm';
import type { SignInMethod } from '../people/schema.ts';
import { type Audit, audits } from './audit.ts';
import type { Statement } from './driver.ts';
import { browserStatements, type NewBrowser } from './known-browsers.ts';
import { $, all, first, guard, type Kit, locks, parameters, prepare } from './query.ts';
import { unlessChanged } from './unless-changed.ts';
import { withoutNulls } from './without-nulls.ts';

export interface Person {
  id: string;
  /** The address in its normal form. It was proven before the person was stored. */
  email: string;
  name: string;
  /** The role on the platform: `operator` or `support`. */
  role?: string;
  createdAt: number;
}

/** A session of a person. The store has only the hash of its secret. */
export interface PersonSession {
  id: string;
  person: string;
  createdAt: number;
  expiresAt: number;
  /** The address from which the person signed in. */
  remote: string;
  /** The `User-Agent` of the sign-in, shortened. */
  userAgent: string;
  /** The name of the machine on which a command signed in. */
  name?: string;
  /** How the person signed in. Absent in sessions of earlier versions. */
  method?: SignInMethod;
}

/** A session and its person. */
export interface SessionHolder {
  session: PersonSession;
  person: Person;
}

/** A new session, the hash of its secret, and the browser that keeps it, if one does. */
export interface NewSession {
  session: PersonSession;
  hash: string;
  browser?: NewBrowser;
}

/** Sessions of people. They are found by the SHA-256 of the whole secret, in hex. */
export interface PersonSessions {
  /** Finds a session that has not expired. */
  findByHash(hash: string, now: number): Promise<SessionHolder | undefined>;
  /** Lists the sessions of a person that have not expired, the latest first. */
  list(person: string, now: number): Promise<PersonSession[]>;
  /**
   * Ends one session of a person, and forgets its browser.
   *
   * @returns false when the person has no such session
   */
  revoke(person: string, id: string, now: number, audit: Audit): Promise<boolean>;
  /** Does the same at the wish of the browser itself, which stays known. */
  signOut(person: string, id: string, now: number, audit: Audit): Promise<boolean>;
  /** Ends all sessions of a person, and forgets their browsers, except for one session if `except` is given. */
  revokeAll(person: string, audit: Audit, except?: string): Promise<void>;
}

/**
 * The number of sessions that a person may have in browsers, and of commands. A further sign-in ends the oldest one of
 * its kind. A session can approve commands without a proof, so a stolen one could end all others if they counted
 * together.
 */
const MOST_SESSIONS = 50;
/** More sessions than one sign-in can have to end. */
const ALL = 1000;

/** The lock of all batches that change what a person may sign in with. */
export const personLock = (id: string): string => `person/${id}`;

/** Makes the statements that begin and end sessions, for the batches of other changes. */
export function sessionStatements(kit: Kit) {
  const { db, t } = kit;
  const browsers = browserStatements(kit);
  const { personSession, deviceAuthorization } = t;
  const mine = eq(personSession.person, $('person'));
  const insert = prepare(
    db
      .insert(personSession)
      .values(parameters('id', 'hash', 'person', 'createdAt', 'expiresAt', 'remote', 'userAgent', 'name', 'method')),
  );
  const surplus = db
    .select({ id: personSession.id })
    .from(personSession)
    .where(and(mine, sql`(coalesce(${personSession.method}, '') = 'device') = (${$('method')} = 'device')`))
    .orderBy(desc(personSession.createdAt), desc(personSession.id))
    .limit(ALL)
    .offset(MOST_SESSIONS);
  const trim = prepare(db.delete(personSession).where(inArray(personSession.id, surplus)));
  const dropDevices = prepare(db.delete(deviceAuthorization).where(eq(deviceAuthorization.person, $('person'))));
  const end = prepare(db.delete(personSession).where(and(mine, ne(personSession.id, $('except')))));
  return {
    /** Begins a session, and ends the oldest ones of a person who has too many. */
    begin: ({ session, hash, browser }: NewSession): Statement[] => [
      insert.with({ ...session, name: session.name ?? null, method: session.method ?? null, hash }),
      trim.with({ person: session.person, method: session.method ?? '' }),
      ...(browser ? browsers.remember(session, browser) : []),
    ],
    /**
     * Ends all sessions of a person, except for one if `except` is given, and those that the person has approved.
     * Forgets the browsers of all sessions that have ended.
     */
    endAll: (person: string, except = ''): Statement[] => [
      end.with({ person, except }),
      browsers.forgetOthers(person, except),
      dropDevices.with({ person }),
    ],
  };
}

type Row = { [K in keyof PersonSession]-?: PersonSession[K] | null };
const read = (row: Omit<Row, 'method'> & { method: string | null }): PersonSession =>
  // Only sign-ins write the method.
  withoutNulls<PersonSession>(row as Row);

export function personSessions(kit: Kit): PersonSessions {
  const { db, t, driver } = kit;
  const { personSession, person } = t;
  const { endAll } = sessionStatements(kit);
  const browsers = browserStatements(kit);
  const audit = audits(kit);
  const hold = locks(kit);
  const columns = {
    id: personSession.id,
    person: personSession.person,
    createdAt: personSession.createdAt,
    expiresAt: personSession.expiresAt,
    remote: personSession.remote,
    userAgent: personSession.userAgent,
    name: personSession.name,
    method: personSession.method,
  };
  const one = and(eq(personSession.person, $('person')), eq(personSession.id, $('id')));
  const q = {
    byHash: prepare(
      db
        .select({ ...columns, email: person.email, called: person.name, role: person.role, since: person.createdAt })
        .from(personSession)
        .innerJoin(person, eq(person.id, personSession.person))
        .where(and(eq(personSession.hash, $('hash')), gt(personSession.expiresAt, $('now')))),
    ),
    list: prepare(
      db
        .select(columns)
        .from(personSession)
        .where(and(eq(personSession.person, $('person')), gt(personSession.expiresAt, $('now'))))
        .orderBy(desc(personSession.createdAt), desc(personSession.id))
        .limit(2 * MOST_SESSIONS),
    ),
    exists: guard(
      kit,
      'version',
      sql`exists (select 1 from ${personSession} where ${and(one, gt(personSession.expiresAt, $('now')))})`,
    ),
    revoke: prepare(db.delete(personSession).where(one)),
  };

  const ended = (of: string, id: string, now: number): Statement[] => {
    const key = { person: of, id };
    return [...hold({ alone: [personLock(of)] }), q.exists.with({ ...key, now }), q.revoke.with(key)];
  };

  return {
    async findByHash(hash, now) {
      const row = await first(kit, q.byHash, { hash, now });
      if (!row) return undefined;
      const { email, called, role, since, ...rest } = row;
      const session = read(rest);
      return {
        session,
        person: { id: session.person, email, name: called, createdAt: since, ...(role !== null && { role }) },
      };
    },
    list: async (of, now) => (await all(kit, q.list, { person: of, now })).map(read),
    revoke: (of, id, now, by) => unlessChanged(driver, [...ended(of, id, now), browsers.forget(of, id), ...audit(by)]),
    signOut: (of, id, now, by) => unlessChanged(driver, [...ended(of, id, now), ...audit(by)]),
    async revokeAll(of, by, except) {
      await driver.batch([...hold({ alone: [personLock(of)] }), ...endAll(of, except), ...audit(by)]);
    },
  };
}
