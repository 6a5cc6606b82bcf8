import { and, eq, sql } from 'drizzle-orm';
import { $, first, type Kit, prepare } from './query.ts';

/** The account at a certificate authority. The private key is sealed. */
export interface AcmeAccount {
  directory: string;
  /** Empty until the authority has created the account. */
  url: string;
  keyId: string;
  sealed: string;
}

/** The account of the platform at each certificate authority. */
export interface AcmeAccounts {
  account(directory: string): Promise<AcmeAccount | undefined>;
  /** Stores an account without its URL, unless another process has stored one meanwhile, and returns the stored one. */
  beginAccount(account: AcmeAccount): Promise<AcmeAccount>;
  /** Stores the URL of an account. */
  nameAccount(account: Pick<AcmeAccount, 'directory' | 'url'>): Promise<void>;
  /** Forgets an account that the authority does not know any more. */
  forgetAccount(account: AcmeAccount): Promise<void>;
}

function statements({ db, t }: Kit) {
  return {
    account: prepare(
      db
        .select()
        .from(t.acmeAccount)
        .where(eq(t.acmeAccount.directory, $('directory'))),
    ),
    beginAccount: prepare(
      db
        .insert(t.acmeAccount)
        .values({ directory: $('directory'), url: $('url'), keyId: $('keyId'), sealed: $('sealed') })
        .onConflictDoNothing(),
    ),
    nameAccount: prepare(
      db
        .update(t.acmeAccount)
        .set({ url: sql`${$('url')}` })
        .where(and(eq(t.acmeAccount.directory, $('directory')), eq(t.acmeAccount.url, ''))),
    ),
    forgetAccount: prepare(
      db.delete(t.acmeAccount).where(and(eq(t.acmeAccount.directory, $('directory')), eq(t.acmeAccount.url, $('url')))),
    ),
  };
}

export function acmeAccounts(kit: Kit): AcmeAccounts {
  const q = statements(kit);
  const { driver } = kit;
  const account = (directory: string) => first(kit, q.account, { directory });
  return {
    account,
    async beginAccount(made) {
      await driver.batch([q.beginAccount.with({ ...made })]);
      return (await account(made.directory)) ?? made;
    },
    nameAccount: async ({ directory, url }) => void (await driver.batch([q.nameAccount.with({ directory, url })])),
    forgetAccount: async ({ directory, url }) => void (await driver.batch([q.forgetAccount.with({ directory, url })])),
  };
}
