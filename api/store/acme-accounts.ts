import { and, eq } from 'drizzle-orm';
import { $, first, type Kit, prepare } from './query.ts';

/** The account at a certificate authority. The private key is sealed. */
export interface AcmeAccount {
  directory: string;
  url: string;
  keyId: string;
  sealed: string;
}

/** The account of the platform at each certificate authority. */
export interface AcmeAccounts {
  account(directory: string): Promise<AcmeAccount | undefined>;
  /** Stores an account, unless another process has stored one meanwhile, and returns the stored one. */
  keepAccount(account: AcmeAccount): Promise<AcmeAccount>;
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
    keepAccount: prepare(
      db
        .insert(t.acmeAccount)
        .values({ directory: $('directory'), url: $('url'), keyId: $('keyId'), sealed: $('sealed') })
        .onConflictDoNothing(),
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
    async keepAccount(made) {
      await driver.batch([q.keepAccount.with({ ...made })]);
      return (await account(made.directory)) ?? made;
    },
    forgetAccount: async ({ directory, url }) => void (await driver.batch([q.forgetAccount.with({ directory, url })])),
  };
}
