import { and, eq, gt, gte, sql } from 'drizzle-orm';
import { type Audit, audits } from './audit.ts';
import type { Statement } from './driver.ts';
import { mails, type QueuedMail } from './mail.ts';
import { type NewSession, personLock, sessionStatements } from './person-sessions.ts';
import { $, $int, first, guard, type Kit, locks, parameters, prepare } from './query.ts';
import { type AttemptKey, takeBack } from './sign-in-attempts.ts';
import { unlessChanged } from './unless-changed.ts';
import { lacksReference } from './violation.ts';

/** A request of a command to sign a person in (RFC 8628). */
export interface DeviceAuthorization {
  /** The name of the machine, as the command states it. */
  name: string;
  /** The address of the command. */
  remote: string;
  createdAt: number;
  expiresAt: number;
}

type Decision = 'approved' | 'denied';

/** What a command learns when it asks. */
interface DeviceAnswer extends DeviceAuthorization {
  state: 'pending' | Decision;
  /** The person who decided, and when the session in which the person did so expires. Absent if that session ended. */
  decided?: { person: string; sessionExpiresAt: number };
}

/** The hashes of the two codes of a request. */
interface DeviceHashes {
  /** Of the code that the command keeps. */
  device: string;
  /** Of the code that the person enters. */
  user: string;
}

/** Requests to sign in. They are found by the SHA-256 of their codes, in hex. */
export interface DeviceAuthorizations {
  /**
   * Stores a request.
   *
   * @param pollEvery the shortest time between two questions of the command, in milliseconds
   */
  add(made: DeviceAuthorization, hashes: DeviceHashes, pollEvery: number, audit: Audit): Promise<void>;
  /** Finds a request that nobody has decided, and that has not expired. */
  findPending(userHash: string, now: number): Promise<DeviceAuthorization | undefined>;
  /** Finds a request, also for some time after it has expired. */
  find(hash: string): Promise<DeviceAnswer | undefined>;
  /**
   * Stores the decision of a person, and takes back the attempt to guess the code.
   *
   * @returns false when the request has expired, or somebody has decided it
   */
  decide(
    userHash: string,
    by: { person: string; session: string; decision: Decision; attempts: readonly AttemptKey[] },
    audit: Audit,
  ): Promise<boolean>;
  /**
   * Notes that the command asked.
   *
   * @param slower what is added to the time between two questions if the command asked too early, in milliseconds
   * @returns whether it asked too early
   */
  poll(hash: string, slower: number, now: number): Promise<boolean>;
  /**
   * Begins the session of the person who has approved the request, and deletes the request.
   *
   * @param mail informs the person
   * @returns false when the request was used or has expired, or the session that approved it has ended, or ends before
   *   the new one
   */
  signIn(
    hash: string,
    next: NewSession,
    change: { mail: QueuedMail; attempts: readonly AttemptKey[] },
    audit: Audit,
  ): Promise<boolean>;
}

function statements(kit: Kit) {
  const { db, t } = kit;
  const { deviceAuthorization: table, personSession } = t;
  const { hash, userHash, state, person, session, pollEvery, pollFrom, expiresAt } = table;
  const shown = { name: table.name, remote: table.remote, createdAt: table.createdAt, expiresAt };
  const byUser = eq(userHash, $('userHash'));
  const isPending = and(byUser, eq(state, sql`'pending'`), gt(expiresAt, $('now')));
  const isOfDecision = and(eq(personSession.id, session), eq(personSession.person, person));
  const isApproved = and(
    eq(hash, $('hash')),
    eq(state, sql`'approved'`),
    eq(person, $('person')),
    gt(expiresAt, $('now')),
    // The new session ends with the one that approved it at the latest.
    gt(personSession.expiresAt, $('now')),
    gte(personSession.expiresAt, $('endsAt')),
  );
  const approved = sql`select 1 from ${table} inner join ${personSession} on ${isOfDecision} where ${isApproved}`;
  const isEarly = sql`${pollFrom} > ${$int('now')}`;
  const every = sql`(case when ${isEarly} then ${pollEvery} + ${$int('slower')} else ${pollEvery} end)`;
  const one = sql<number>`1`.as('one');
  return {
    add: prepare(
      db.insert(table).values({
        ...parameters('hash', 'userHash', 'name', 'remote', 'pollEvery', 'pollFrom', 'createdAt', 'expiresAt'),
        state: sql`'pending'`,
      }),
    ),
    pending: prepare(db.select(shown).from(table).where(isPending)),
    find: prepare(
      db
        .select({ ...shown, state, person, sessionExpiresAt: personSession.expiresAt })
        .from(table)
        .leftJoin(personSession, isOfDecision)
        .where(eq(hash, $('hash'))),
    ),
    isPending: guard(kit, 'version', sql`exists (select 1 from ${table} where ${isPending})`),
    decide: prepare(
      db
        .update(table)
        .set({ state: sql`${$('state')}`, person: sql`${$('person')}`, session: sql`${$('session')}` })
        .where(byUser),
    ),
    early: prepare(
      db
        .select({ one })
        .from(table)
        .where(and(eq(hash, $('hash')), isEarly)),
    ),
    poll: prepare(
      db
        .update(table)
        .set({ pollEvery: every, pollFrom: sql`${$int('now')} + ${every}` })
        .where(eq(hash, $('hash'))),
    ),
    isApproved: guard(kit, 'version', sql`exists (${approved})`),
    remove: prepare(db.delete(table).where(eq(hash, $('hash')))),
  };
}

export function deviceAuthorizations(kit: Kit): DeviceAuthorizations {
  const { driver } = kit;
  const q = statements(kit);
  const sessions = sessionStatements(kit);
  const undo = takeBack(kit);
  const queue = mails(kit);
  const audit = audits(kit);
  const hold = locks(kit);

  /** Runs a batch with guards. Returns false when one of them rejects it, or the person was deleted. */
  const guarded = (batch: Statement[]) => unlessChanged(driver, batch, lacksReference);

  return {
    async add(made, { device, user }, pollEvery, by) {
      const values = { ...made, hash: device, userHash: user, pollEvery, pollFrom: made.createdAt + pollEvery };
      await driver.batch([q.add.with(values), ...audit(by)]);
    },

    findPending: (userHash, now) => first(kit, q.pending, { userHash, now }),

    async find(hash) {
      const row = await first(kit, q.find, { hash });
      if (!row) return undefined;
      const { state, person, sessionExpiresAt, ...rest } = row;
      const decided = person === null || sessionExpiresAt === null ? undefined : { person, sessionExpiresAt };
      // The column contains only states, because every write has one of this type.
      return { ...rest, state: state as DeviceAnswer['state'], ...(decided && { decided }) };
    },

    decide(userHash, { person, session, decision, attempts }, by) {
      return guarded([
        // A batch that ends the sessions of the person also deletes what the person has approved.
        ...hold({ alone: [`device/${userHash}`, personLock(person)] }),
        q.isPending.with({ userHash, now: by.at }),
        q.decide.with({ userHash, person, session, state: decision }),
        ...undo(attempts),
        ...audit(by),
      ]);
    },

    async poll(hash, slower, now) {
      const batch = [...hold({ alone: [`device/${hash}`] }), q.early.with({ hash, now })];
      const rows = await driver.batch([...batch, q.poll.with({ hash, slower, now })]);
      return rows[batch.length - 1]!.length > 0;
    },

    signIn(hash, next, { mail, attempts }, by) {
      const { person, expiresAt: endsAt } = next.session;
      return guarded([
        ...hold({ alone: [personLock(person)] }),
        ...queue(mail),
        q.isApproved.with({ hash, person, now: by.at, endsAt }),
        q.remove.with({ hash }),
        ...sessions.begin(next),
        ...undo(attempts),
        ...audit(by),
      ]);
    },
  };
}
