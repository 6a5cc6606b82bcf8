import { and, desc, eq, gt, inArray, ne } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { $, first, type Kit, parameters, prepare } from './query.ts';

/** A browser in which a person signs in. The store has only the hash of its secret. */
export interface NewBrowser {
  hash: string;
  /** The hash of the secret that the browser had before. */
  former?: string;
  expiresAt: number;
}

/** The browsers in which people have signed in. They are found by the SHA-256 of a secret in a cookie, in hex. */
export interface KnownBrowsers {
  /** Returns whether the person with an address has signed in in a browser before. */
  isOf(hash: string, email: string, now: number): Promise<boolean>;
}

/** The number of browsers that are known per person. A further one replaces the oldest one. */
const MOST_BROWSERS = 50;
/** More browsers than one sign-in can have to forget. */
const ALL = 1000;

/** Makes the statements that remember and forget browsers, for the batches of other changes. */
export function browserStatements({ db, t }: Kit) {
  const { knownBrowser: b } = t;
  const mine = eq(b.person, $('person'));
  const insert = prepare(db.insert(b).values(parameters('hash', 'person', 'session', 'createdAt', 'expiresAt')));
  const replace = prepare(db.delete(b).where(and(mine, eq(b.hash, $('former')))));
  const surplus = db
    .select({ hash: b.hash })
    .from(b)
    .where(mine)
    .orderBy(desc(b.createdAt), desc(b.hash))
    .limit(ALL)
    .offset(MOST_BROWSERS);
  const trim = prepare(db.delete(b).where(inArray(b.hash, surplus)));
  const one = prepare(db.delete(b).where(and(mine, eq(b.session, $('session')))));
  const others = prepare(db.delete(b).where(and(mine, ne(b.session, $('except')))));
  return {
    /** Remembers the browser of a session that begins. */
    remember: (
      session: { id: string; person: string; createdAt: number },
      { hash, former = '', expiresAt }: NewBrowser,
    ): Statement[] => {
      const { id, person, createdAt } = session;
      return [
        replace.with({ person, former }),
        insert.with({ hash, person, session: id, createdAt, expiresAt }),
        trim.with({ person }),
      ];
    },
    /** Forgets the browser of one session. */
    forget: (person: string, session: string): Statement => one.with({ person, session }),
    /** Forgets all browsers of a person, except for the one of a session. */
    forgetOthers: (person: string, except: string): Statement => others.with({ person, except }),
  };
}

export function knownBrowsers(kit: Kit): KnownBrowsers {
  const { db, t } = kit;
  const { knownBrowser, person } = t;
  const find = prepare(
    db
      .select({ hash: knownBrowser.hash })
      .from(knownBrowser)
      .innerJoin(person, eq(person.id, knownBrowser.person))
      .where(and(eq(knownBrowser.hash, $('hash')), eq(person.email, $('email')), gt(knownBrowser.expiresAt, $('now')))),
  );
  return {
    isOf: async (hash, email, now) => (await first(kit, find, { hash, email, now })) !== undefined,
  };
}
