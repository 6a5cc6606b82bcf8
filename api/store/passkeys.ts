import { and, desc, eq, getTableColumns, sql } from 'drizzle-orm';
import type { Passkey as PasskeyView } from '../passkeys/schema.ts';
import type { Stored } from '../view.ts';
import { type Audit, audits } from './audit.ts';
import type { Statement } from './driver.ts';
import { mails, type QueuedMail } from './mail.ts';
import { challengeLock, type PasskeyUse, passkeyStatements, type SignedChallenge } from './passkey-statements.ts';
import { type NewSession, type Person, personLock, sessionStatements } from './person-sessions.ts';
import { type Proof, proofStatements } from './proofs.ts';
import { $, all, first, guard, type Kit, locks, parameters, prepare } from './query.ts';
import { type AttemptKey, takeBack } from './sign-in-attempts.ts';
import { brokenGuard, lacksReference, violation } from './violation.ts';
import { withoutNulls } from './without-nulls.ts';

/** A passkey, with its public key. */
export interface Passkey extends Omit<Stored<PasskeyView>, 'lastUsedAt'> {
  person: string;
  /** The id that the authenticator chose, in base64url. */
  credential: string;
  /** The COSE key, in base64url. */
  publicKey: string;
  /** The number of signatures so far; 0 when the authenticator does not count. */
  counter: number;
  /** How browsers reach the authenticator, such as `internal`. */
  transports: string[];
  lastUsedAt?: number;
}

/** The passkeys of people, and the challenges that authenticators sign. */
export interface Passkeys {
  /**
   * Stores a challenge.
   *
   * @param proven who requests it, and what this person had to prove first
   * @returns false when the proof does not hold any more
   */
  addChallenge(
    challenge: SignedChallenge & { expiresAt: number },
    proven?: { person: string; proof: Proof; now: number },
  ): Promise<boolean>;
  /**
   * Uses up a challenge.
   *
   * @returns false when it was not issued for this, has expired or was used
   */
  useChallenge(challenge: SignedChallenge, now: number): Promise<boolean>;
  /** Finds a passkey and its person by the id that the authenticator chose. */
  find(credential: string): Promise<{ passkey: Passkey; person: Person } | undefined>;
  /** Lists the passkeys of a person, the latest first. */
  list(person: string): Promise<Passkey[]>;
  /**
   * Adds a passkey.
   *
   * @param most the number of passkeys that a person may have
   * @returns `invalid` when the challenge was not issued to this session, has expired or was used, the session has ended, or
   *   the authenticator has this passkey already; `too many` when the person has the maximum number
   */
  add(
    passkey: Passkey,
    change: { challenge: SignedChallenge; most: number; mail: QueuedMail },
    audit: Audit,
  ): Promise<'added' | 'invalid' | 'too many'>;
  /** @returns false when the person has no such passkey */
  rename(person: string, id: string, name: string, audit: Audit): Promise<boolean>;
  /** @returns false when the person has no such passkey */
  remove(person: string, id: string, mail: QueuedMail, audit: Audit): Promise<boolean>;
  /**
   * Signs a person in with a passkey, and takes back the attempts.
   *
   * @returns false when the challenge was not issued, has expired or was used, or the passkey was removed or used
   *   meanwhile
   */
  signIn(use: PasskeyUse, next: NewSession, attempts: readonly AttemptKey[], audit: Audit): Promise<boolean>;
}

export function passkeys(kit: Kit): Passkeys {
  const { db, t, driver } = kit;
  const { passkey, passkeyChallenge, person } = t;
  const { answer, use } = passkeyStatements(kit);
  const proven = proofStatements(kit);
  const sessions = sessionStatements(kit);
  const undo = takeBack(kit);
  const queue = mails(kit);
  const audit = audits(kit);
  const hold = locks(kit);
  const own = and(eq(passkey.person, $('person')), eq(passkey.id, $('id')));
  const columns = getTableColumns(passkey);
  const q = {
    addChallenge: prepare(db.insert(passkeyChallenge).values(parameters('hash', 'purpose', 'session', 'expiresAt'))),
    find: prepare(
      db
        .select({
          ...columns,
          ...{ email: person.email, personName: person.name, role: person.role, since: person.createdAt },
        })
        .from(passkey)
        .innerJoin(person, eq(person.id, passkey.person))
        .where(eq(passkey.credential, $('credential'))),
    ),
    list: prepare(
      db
        .select(columns)
        .from(passkey)
        .where(eq(passkey.person, $('person')))
        .orderBy(desc(passkey.createdAt), desc(passkey.id)),
    ),
    hasRoom: guard(
      kit,
      'quota',
      sql`(select count(*) from ${passkey} where ${eq(passkey.person, $('person'))}) < ${$('most')}`,
    ),
    add: prepare(
      db
        .insert(passkey)
        .values(
          parameters(
            ...(['id', 'person', 'credential', 'name', 'publicKey', 'counter', 'transports'] as const),
            ...(['syncable', 'synced', 'createdAt'] as const),
          ),
        ),
    ),
    exists: guard(kit, 'version', sql`exists (select 1 from ${passkey} where ${own})`),
    rename: prepare(
      db
        .update(passkey)
        .set({ name: sql`${$('name')}` })
        .where(own),
    ),
    remove: prepare(db.delete(passkey).where(own)),
  };

  /** Runs a batch with guards. Returns the name of the guard that rejects it. */
  async function guarded(batch: Statement[]): Promise<'version' | 'quota' | undefined> {
    try {
      await driver.batch(batch);
      return undefined;
    } catch (error) {
      const found = violation(error);
      const broken = brokenGuard(found);
      if (broken === 'version' || broken === 'quota') return broken;
      if ((found?.kind === 'unique' && found.table === 'passkey') || lacksReference(error)) return 'version';
      throw error;
    }
  }

  return {
    async addChallenge(challenge, by) {
      const proves = by ? [...hold({ alone: [personLock(by.person)] }), ...proven(by.person, by.proof, by.now)] : [];
      return !(await guarded([...proves, q.addChallenge.with({ ...challenge })]));
    },

    async useChallenge(challenge, now) {
      return !(await guarded([...hold({ alone: [challengeLock(challenge)] }), ...answer(challenge, now)]));
    },

    async find(credential) {
      const row = await first(kit, q.find, { credential });
      if (!row) return undefined;
      const { email, personName, role, since, ...rest } = row;
      const found = { id: row.person, email, name: personName, createdAt: since, ...(role !== null && { role }) };
      return { passkey: read(rest), person: found };
    },

    list: async (of) => (await all(kit, q.list, { person: of })).map(read),

    async add({ transports, syncable, synced, ...row }, { challenge, most, mail }, by) {
      const broken = await guarded([
        ...hold({ alone: [personLock(row.person)] }),
        ...queue(mail),
        ...answer(challenge, by.at),
        q.hasRoom.with({ person: row.person, most }),
        q.add.with({
          ...row,
          transports: JSON.stringify(transports),
          syncable: Number(syncable),
          synced: Number(synced),
        }),
        ...audit(by),
      ]);
      return broken === undefined ? 'added' : broken === 'quota' ? 'too many' : 'invalid';
    },

    async rename(of, id, name, by) {
      const key = { person: of, id };
      return !(await guarded([q.exists.with(key), q.rename.with({ ...key, name }), ...audit(by)]));
    },

    async remove(of, id, mail, by) {
      const key = { person: of, id };
      return !(await guarded([
        ...hold({ alone: [personLock(of)] }),
        ...queue(mail),
        q.exists.with(key),
        q.remove.with(key),
        ...audit(by),
      ]));
    },

    async signIn(used, next, attempts, by) {
      const { person: of } = next.session;
      return !(await guarded([
        ...hold({ alone: [personLock(of), challengeLock(used.challenge)] }),
        ...use(of, used, by.at),
        ...sessions.begin(next),
        ...undo(attempts),
        ...audit(by),
      ]));
    },
  };
}

interface Row extends Omit<Passkey, 'transports' | 'syncable' | 'synced' | 'lastUsedAt'> {
  transports: string;
  syncable: number;
  synced: number;
  lastUsedAt: number | null;
}

const read = ({ transports, syncable, synced, ...row }: Row): Passkey => ({
  ...withoutNulls<Omit<Passkey, 'transports' | 'syncable' | 'synced'>>(row),
  transports: JSON.parse(transports),
  syncable: syncable === 1,
  synced: synced === 1,
});
