import type { Services } from '../context.ts';
import { accountContext } from '../secrets/contexts.ts';
import type { AcmeAccount } from '../store/acme-accounts.ts';
import type { Account, Authority } from './authority.ts';
import { AccountKey } from './jws.ts';

/**
 * Returns the account of the platform at the authority, and creates it the first time. When several processes create one
 * at the same time, all use the first one that is stored.
 */
export async function accountOf(services: Services, authority: Authority, directory: string): Promise<Account> {
  const { store, sealer, settings } = services;
  const stored = await store.automatic.account(directory);
  if (stored) return read(services, stored);
  const key = await AccountKey.generate();
  const { url } = await authority.createAccount(key, settings.acmeContact, settings.acmeEab);
  const sealed = await sealer.seal(key.text, accountContext(directory));
  return read(services, await store.automatic.keepAccount({ directory, url, ...sealed }));
}

/** Forgets the stored account, which the authority does not know any more. The next order creates another one. */
export async function forgetAccount({ store }: Services, directory: string): Promise<void> {
  const stored = await store.automatic.account(directory);
  if (stored) await store.automatic.forgetAccount(stored);
}

async function read({ sealer }: Services, { directory, url, ...sealed }: AcmeAccount): Promise<Account> {
  return { url, key: await AccountKey.read(await sealer.open(sealed, accountContext(directory))) };
}
