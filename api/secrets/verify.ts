import type { Store } from '../store/store.ts';
import { keyContext } from './keys.ts';
import { Sealer } from './seal.ts';

/** The number of stored keys to try, because some may be damaged. */
const TRIED = 10;

/**
 * Checks, when the API starts, that the sealing keys of the settings can decrypt the private keys in the store. With
 * wrong keys, the API could serve no certificate, and it would seal new private keys with a different key.
 *
 * @param list the keys, in the format of `GATEHOUSE_SEALING_KEYS`
 * @throws Error when the keys decrypt none of the private keys in the store
 */
export async function requireRightKeys(store: Pick<Store, 'keys'>, list: string): Promise<void> {
  const stored = await store.keys.sample(TRIED);
  if (stored.length === 0) return;
  const sealer = await Sealer.from(list);
  for (const key of stored) {
    const opened = sealer.open(key, keyContext(key.tenant, key.id));
    if (
      await opened.then(
        () => true,
        () => false,
      )
    )
      return;
  }
  const ids = [...new Set(stored.map(({ keyId }) => keyId))].join(', ');
  throw new Error(
    `the sealing keys do not open the private keys in this store, which are sealed with a key of the id ${ids}. ` +
      'Set GATEHOUSE_SEALING_KEYS to the keys of the store that it was copied or restored from. ' +
      'Without that setting, the key is the file sealing.key beside the SQLite database: copy it too.',
  );
}
