import { and, eq, ne, sql } from 'drizzle-orm';
import { type Audit, audits } from './audit.ts';
import { mails, type QueuedMail } from './mail.ts';
import { type NewSession, type Person, personLock, sessionStatements } from './person-sessions.ts';
import { $, first, guard, type Kit, locks, parameters, prepare } from './query.ts';
import { type AttemptKey, takeBack } from './sign-in-attempts.ts';
import { brokenGuard, lacksReference, violation } from './violation.ts';

/** An account at an OpenID Connect provider, and what a sign-in with it does. */
interface AccountStep {
  /** The URL of the issuer. */
  provider: string;
  /** The id of the person there. */
  account: string;
  /** `sign-in`: the account is linked. `link`: it is linked to an existing person. `create`: the person is new, too. */
  step: 'sign-in' | 'link' | 'create';
  /** Informs the person about a link. Present in the step `link`. */
  mail?: QueuedMail | undefined;
}

/** The accounts of people at OpenID Connect providers. */
export interface PersonAccounts {
  /** Finds the person with an account. */
  find(provider: string, account: string): Promise<Person | undefined>;
  /**
   * Signs a person in with an account, and takes back the attempt. A link ends all other sessions of the person.
   *
   * @returns false when the person or the account changed meanwhile; the caller looks again; `other-account` when the
   *   person to link has another account of the provider
   */
  signIn(
    step: AccountStep,
    person: Person,
    next: NewSession,
    attempts: readonly AttemptKey[],
    audit: Audit,
  ): Promise<boolean | 'other-account'>;
}

export function personAccounts(kit: Kit): PersonAccounts {
  const { db, t, driver } = kit;
  const { person, personAccount } = t;
  const sessions = sessionStatements(kit);
  const audit = audits(kit);
  const hold = locks(kit);
  const undo = takeBack(kit);
  const queue = mails(kit);
  const named = and(eq(personAccount.provider, $('provider')), eq(personAccount.account, $('account')));
  const q = {
    find: prepare(
      db
        .select({
          id: person.id,
          email: person.email,
          name: person.name,
          role: person.role,
          createdAt: person.createdAt,
        })
        .from(personAccount)
        .innerJoin(person, eq(person.id, personAccount.person))
        .where(named),
    ),
    isLinked: guard(
      kit,
      'version',
      sql`exists (select 1 from ${personAccount} where ${and(named, eq(personAccount.person, $('person')))})`,
    ),
    hasAddress: guard(
      kit,
      'version',
      sql`exists (select 1 from ${person} where ${and(eq(person.id, $('person')), eq(person.email, $('email')))})`,
    ),
    /** Guard: the person has no other account of the provider, which may have given the address to somebody else. */
    hasNoOther: guard(
      kit,
      'owner',
      sql`not exists (select 1 from ${personAccount} where ${and(
        eq(personAccount.person, $('person')),
        eq(personAccount.provider, $('provider')),
        ne(personAccount.account, $('account')),
      )})`,
    ),
    create: prepare(
      db
        .insert(person)
        .values({ ...parameters('id', 'email', 'name', 'createdAt'), emailVerified: 1, updatedAt: $('createdAt') }),
    ),
    link: prepare(
      db
        .insert(personAccount)
        .values({ ...parameters('id', 'person', 'provider', 'account', 'createdAt'), updatedAt: $('createdAt') }),
    ),
  };

  return {
    async find(provider, account) {
      const row = await first(kit, q.find, { provider, account });
      if (!row) return undefined;
      const { role, ...rest } = row;
      return { ...rest, ...(role !== null && { role }) };
    },

    async signIn({ provider, account, step, mail }, { id, email, name }, next, attempts, by) {
      const { createdAt } = next.session;
      const link = q.link.with({
        id: crypto.randomUUID(),
        person: id,
        provider,
        account,
        createdAt,
      });
      const steps = {
        'sign-in': [q.isLinked.with({ provider, account, person: id })],
        link: [
          q.hasAddress.with({ person: id, email }),
          q.hasNoOther.with({ person: id, provider, account }),
          link,
          ...sessions.endAll(id),
        ],
        create: [q.create.with({ id, email, name, createdAt }), link],
      };
      try {
        await driver.batch([
          ...hold({ alone: [personLock(id)] }),
          ...(mail ? queue(mail) : []),
          ...steps[step],
          ...sessions.begin(next),
          ...undo(attempts),
          ...audit(by),
        ]);
        return true;
      } catch (error) {
        const found = violation(error);
        if (brokenGuard(found) === 'owner') return 'other-account';
        const isTaken = found?.kind === 'unique' && ['person', 'person_account'].includes(found.table);
        if (brokenGuard(found) === 'version' || isTaken || lacksReference(error)) return false;
        throw error;
      }
    },
  };
}
