import { type Audit, audits } from './audit.ts';
import type { Statement } from './driver.ts';
import { mails, type QueuedMail } from './mail.ts';
import { membersLock } from './members.ts';
import { changeStatements } from './person-changes.ts';
import { type NewSession, type Person, personLock, sessionStatements } from './person-sessions.ts';
import { personStatements } from './person-statements.ts';
import { type Proof, proofStatements } from './proofs.ts';
import { all, first, type Kit, locks } from './query.ts';
import { type AttemptKey, takeBack } from './sign-in-attempts.ts';
import { tokensLock } from './tokens.ts';
import { unlessChanged } from './unless-changed.ts';
import { brokenGuard, violation } from './violation.ts';

/** A code that was sent to an address by mail. The store has only its hash. */
export interface PersonCode {
  purpose: 'sign-up' | 'reset' | 'email' | 'prove';
  /** The person who may use the code. Absent in a code for a sign-up. */
  person?: string;
  email: string;
  /** The name and the hash of the password of a person who signs up. */
  name?: string;
  password?: string;
  createdAt: number;
  expiresAt: number;
}

/**
 * People, their passwords, and the codes that prove their addresses. A method with a code returns false when the code
 * does not exist, has expired or was used, also in the same moment, or was sent to a former address of the person.
 */
export interface People {
  find(id: string): Promise<Person | undefined>;
  /** Finds a person by the address, with the hash of the password if the person has one. */
  findByEmail(email: string): Promise<{ person: Person; password?: string } | undefined>;
  /**
   * Stores a code, and queues the mail that contains it.
   *
   * @param proof what the person had to prove first
   * @returns false when the proof does not hold any more
   */
  addCode(code: PersonCode, hash: string, mail: QueuedMail, audit: Audit, proof?: Proof): Promise<boolean>;
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
  /**
   * Sets a new password by a code. Ends all sessions of the person, deletes the other codes of the person, and forgets
   * the failed attempts.
   */
  resetPassword(
    change: { person: string; password: string; codeHash: string; attempts: readonly AttemptKey[]; mail: QueuedMail },
    audit: Audit,
  ): Promise<boolean>;
  /**
   * Replaces or adds a password. Ends all sessions of the person except for one.
   *
   * @returns false when the proof does not hold any more
   */
  changePassword(
    change: { person: string; proof: Proof; password: string; session: string; mail: QueuedMail },
    audit: Audit,
  ): Promise<boolean>;
  /**
   * Replaces the address of a person by a code.
   *
   * @param session the session in which the person does so
   * @returns false also when another person has the address, or the session has ended
   */
  changeEmail(
    change: { person: string; session: string; email: string; codeHash: string; mail: QueuedMail },
    audit: Audit,
  ): Promise<boolean>;
  /**
   * Deletes a person, with the memberships and everything by which the person can sign in. Revokes the tokens that the
   * person limits, and the open invitations of the person and of these tokens. The audit log of each tenant that the
   * person leaves gets an entry, too.
   *
   * @returns `last-owner` when a tenant would have no owner, `changed` when the proof does not hold any more, or the
   *   tenants of the person changed meanwhile
   */
  remove(person: string, proof: Proof, audit: Audit): Promise<'removed' | 'last-owner' | 'changed'>;
  /** Lists the tenants that would have no owner without a person, sorted by name. */
  solelyOwned(person: string): Promise<string[]>;
  /**
   * Deletes at most `limit` rows of each kind that have expired: codes, challenges, sessions, known browsers, sign-ins
   * of commands and attempts. Returns whether more have.
   */
  expire(now: number, limit: number): Promise<boolean>;
}

/** The attempts that are older than this do not count any more. */
const ATTEMPTS_FOR_MS = 24 * 60 * 60 * 1000;
/** How long a command learns that its request to sign in has expired, in milliseconds. */
const KNOWN_FOR_MS = 60 * 60 * 1000;

export function people(kit: Kit): People {
  const { driver } = kit;
  const q = personStatements(kit);
  const c = changeStatements(kit);
  const sessions = sessionStatements(kit);
  const proven = proofStatements(kit);
  const undo = takeBack(kit);
  const queue = mails(kit);
  const audit = audits(kit);
  const hold = locks(kit);

  /** Runs a batch that begins with guards. Returns false when a guard rejects it, or an address is taken. */
  const guarded = (batch: Statement[]) => unlessChanged(driver, batch, (error) => violation(error)?.table === 'person');

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

    addCode({ person = null, name = null, password = null, ...code }, hash, mail, by, proof) {
      const proves = person !== null && proof !== undefined;
      return guarded([
        ...(proves ? hold({ alone: [personLock(person)] }) : []),
        ...queue(mail),
        ...(proves ? proven(person, proof, by.at) : []),
        q.addCode.with({ ...code, person, name, password, hash }),
        ...audit(by),
      ]);
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

    create({ id, email, name, createdAt, password }, codeHash, next, by) {
      return guarded([
        ...hold({ alone: [`email/${email}`] }),
        q.hasCode.with({ hash: codeHash, purpose: 'sign-up', now: by.at }),
        q.dropSignUps.with({ email }),
        q.insert.with({ id, email, name, createdAt }),
        q.insertPassword.with({ id: `password/${id}`, person: id, password, createdAt }),
        ...sessions.begin(next),
        ...audit(by),
      ]);
    },

    signIn(next, password, attempts, by) {
      const { person } = next.session;
      return guarded([
        ...hold({ alone: [personLock(person)] }),
        ...proven(person, { by: 'password', password }, by.at),
        ...sessions.begin(next),
        ...undo(attempts),
        ...audit(by),
      ]);
    },

    resetPassword({ person, password, codeHash, attempts, mail }, by) {
      return guarded([
        ...hold({ alone: [personLock(person)] }),
        ...queue(mail),
        q.hasCode.with({ hash: codeHash, purpose: 'reset', now: by.at }),
        c.dropCodes.with({ person }),
        c.setPassword.with({ id: `password/${person}`, person, password, createdAt: by.at }),
        ...sessions.endAll(person),
        ...undo(attempts),
        ...audit(by),
      ]);
    },

    changePassword({ person, proof, password, session, mail }, by) {
      return guarded([
        ...hold({ alone: [personLock(person)] }),
        ...queue(mail),
        ...proven(person, proof, by.at),
        c.dropCodes.with({ person }),
        c.setPassword.with({ id: `password/${person}`, person, password, createdAt: by.at }),
        ...sessions.endAll(person, session),
        ...audit(by),
      ]);
    },

    changeEmail({ person, session, email, codeHash, mail }, by) {
      return guarded([
        ...hold({ alone: [personLock(person)] }),
        ...queue(mail),
        ...proven(person, { by: 'session', session }, by.at),
        q.hasCode.with({ hash: codeHash, purpose: 'email', now: by.at }),
        c.dropCodes.with({ person }),
        q.dropSignUps.with({ email }),
        c.setEmail.with({ person, email, at: by.at }),
        ...audit(by),
      ]);
    },

    async remove(person, proof, by) {
      // The locks of the tenants must be known before the batch. A guard rejects a membership that changed since.
      const tenants = (await all(kit, c.memberships, { person })).map(({ tenant }) => tenant);
      const left = (tenant: string) => ({ ...by, action: 'leave', target: `tenants/${tenant}/members/${person}` });
      try {
        await driver.batch([
          ...hold({
            alone: [
              personLock(person),
              tokensLock(),
              ...tenants.flatMap((name) => [membersLock(name), tokensLock(name)]),
            ],
          }),
          ...proven(person, proof, by.at),
          c.isMemberOfThese.with({ person, tenants: JSON.stringify(tenants) }),
          c.isNoLastOwner.with({ person }),
          c.revokeInvitations.with({ person, at: by.at }),
          c.revokeTokens.with({ person, at: by.at }),
          c.leave.with({ person }),
          c.remove.with({ person }),
          ...tenants.flatMap((tenant) => audit(left(tenant))),
          ...audit(by),
        ]);
        return 'removed';
      } catch (error) {
        const broken = brokenGuard(violation(error));
        if (broken === 'version') return 'changed';
        if (broken === 'owner') return 'last-owner';
        throw error;
      }
    },

    async solelyOwned(person) {
      return (await all(kit, c.solelyOwned, { person })).map(({ tenant }) => tenant);
    },

    async expire(now, limit) {
      const deleted = await driver.batch([
        c.expiredSessions.with({ before: now, limit }),
        c.expiredBrowsers.with({ before: now, limit }),
        c.expiredCodes.with({ before: now, limit }),
        c.expiredDevices.with({ before: now - KNOWN_FOR_MS, limit }),
        c.expiredChallenges.with({ before: now, limit }),
        c.oldAttempts.with({ before: now - ATTEMPTS_FOR_MS, limit }),
      ]);
      return deleted.some((rows) => rows.length >= limit);
    },
  };
}
