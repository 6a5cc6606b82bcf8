import type { Services } from '../context.ts';
import { accountContext } from '../secrets/contexts.ts';
import type { AcmeAccount } from '../store/acme-accounts.ts';
import type { Account, Authority } from './authority.ts';
import { AccountKey } from './jws.ts';
import { AcmeError } from './problem.ts';

/**
 * Returns the account of the platform at the authority, and creates it the first time. Its key is stored before: several
 * processes at the same time, and one that continues after a crash, then create the same account.
 */
export async function accountOf(services: Services, authority: Authority, directory: string): Promise<Account> {
  const { store, sealer, settings } = services;
  const stored = (await store.automatic.account(directory)) ?? (await begin(services, directory));
  const key = await AccountKey.read(await sealer.open(stored, accountContext(directory)));
  if (stored.url !== '') return { url: stored.url, key };
  const account = await authority.createAccount(key, settings.acmeContact, settings.acmeEab).catch(ofPlatform);
  await store.automatic.nameAccount({ directory, url: account.url });
  return account;
}

/** Keeps the words of the authority about the account of the platform from the tenants, who read an `AcmeError`. */
function ofPlatform(error: unknown): never {
  if (error instanceof AcmeError && error.type !== 'rateLimited')
    throw new Error('the authority accepts no account', { cause: error });
  throw error;
}

async function begin({ store, sealer }: Services, directory: string): Promise<AcmeAccount> {
  const { text } = await AccountKey.generate();
  const sealed = await sealer.seal(text, accountContext(directory));
  return store.automatic.beginAccount({ directory, url: '', ...sealed });
}

/** Forgets the stored account, which the authority does not know any more. The next order creates another one. */
export async function forgetAccount({ store }: Services, directory: string): Promise<void> {
  const stored = await store.automatic.account(directory);
  if (stored) await store.automatic.forgetAccount(stored);
}
