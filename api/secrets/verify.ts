import type { SealedKey, SealingCheck } from '../store/keys.ts';
import type { Store } from '../store/store.ts';
import { keyContext } from './contexts.ts';
import { Sealer } from './seal.ts';

/** The number of stored keys to try, because some may be damaged. */
const TRIED = 10;

/** The text that each sealing key seals once, and the context of its envelope. */
const CONSTANT = 'gatehouse';
const CONTEXT = 'sealing-check';

const FILE =
  'Without GATEHOUSE_SEALING_KEYS, the key is the file sealing.key beside the SQLite database: copy it together with the database.';
const LOST = 'docs/operate/sealing.md says what to do when that key is lost.';

/**
 * Checks, when the API starts, that its sealing keys are the keys of the store. With other keys, the API could not
 * decrypt the stored private keys, and the other processes could not decrypt the keys that this one seals.
 *
 * At the first start with a store, or with a new key in the list, it stores a constant that each key sealed. When
 * several processes start for the first time, the database decides whose keys are the keys of the store.
 *
 * @param list the keys, in the format of `GATEHOUSE_SEALING_KEYS`
 * @throws WrongSetting as `Sealer.from`
 * @throws Error when the keys decrypt none of the private keys in the store, when a key is another one than the key of
 *   the same id with which the store was started before, or when the store knows the id of no key
 */
export async function requireRightKeys(store: Pick<Store, 'keys'>, list: string): Promise<void> {
  const sealer = await Sealer.from(list);
  await requireOpened(sealer, await store.keys.sample(TRIED));
  const known = await store.keys.checks();
  await requireAgreement(sealer, known);
  const added = sealer.ids.filter((id) => known.every(({ keyId }) => keyId !== id));
  if (added.length === 0) return;
  // A store of an earlier version has private keys but no checks.
  for (const id of added) await requireOpened(sealer, await store.keys.sampleOf(id, TRIED));
  const checks = await Promise.all(added.map((id) => sealer.seal(CONSTANT, CONTEXT, id)));
  await store.keys.addChecks(sealer.ids, checks);
  // Another process may have started for the first time meanwhile.
  await requireAgreement(sealer, await store.keys.checks());
}

/**
 * Checks, before a new key is created in a file, that the store has no other key.
 *
 * @throws Error when the store has checks
 */
export function requireUnused(checks: readonly SealingCheck[], file: string): void {
  if (checks.length === 0) return;
  const ids = checks.map(({ keyId }) => keyId).join(', ');
  throw new Error(
    `the file ${file} with the sealing key of this store (${ids}) does not exist. Copy it back from your backup, ` +
      `or set GATEHOUSE_SEALING_KEYS to that key. ${LOST}`,
  );
}

/** @throws Error when the sealer opens none of these private keys, although there are some */
async function requireOpened(sealer: Sealer, stored: readonly (SealedKey & { tenant: string })[]): Promise<void> {
  if (stored.length === 0) return;
  for (const key of stored) if (await opens(sealer, key, keyContext(key.tenant, key.id))) return;
  const ids = [...new Set(stored.map(({ keyId }) => keyId))].join(', ');
  throw new Error(
    `the sealing keys do not open the private keys in this store, which are sealed with a key of the id ${ids}. ` +
      `Set GATEHOUSE_SEALING_KEYS to the keys of the store that it was copied or restored from. ${FILE}`,
  );
}

/** @throws Error with the text of `disagreement` */
async function requireAgreement(sealer: Sealer, checks: readonly SealingCheck[]): Promise<void> {
  const wrong = await disagreement(sealer, checks);
  if (wrong !== undefined) throw new Error(wrong);
}

/**
 * Compares the sealing keys of a process with the checks in a store.
 *
 * @returns what is wrong and what to do, without any key; undefined when the keys are those of the store, or the store
 *   has no checks yet
 */
export async function disagreement(sealer: Sealer, checks: readonly SealingCheck[]): Promise<string | undefined> {
  const own = checks.filter(({ keyId }) => sealer.ids.includes(keyId));
  for (const check of own)
    if (!(await opens(sealer, check, CONTEXT)))
      return (
        `the sealing key '${check.keyId}' is another key than the one of this id with which the store was first used. ` +
        `All processes on one store need the same keys. Set GATEHOUSE_SEALING_KEYS to that key. A new key needs an id ` +
        `of its own, before the old key: NEW-ID:KEY,${check.keyId}:OLD-KEY. ${FILE} ${LOST}`
      );
  if (checks.length === 0 || own.length > 0) return undefined;
  const ids = checks.map(({ keyId }) => keyId).join(', ');
  return (
    `none of the sealing keys has an id that this store knows (${ids}). All processes on one store need the same keys. ` +
    `Add a key of the store to GATEHOUSE_SEALING_KEYS, after the new one. ${FILE} ${LOST}`
  );
}

const opens = (sealer: Sealer, envelope: SealingCheck, context: string): Promise<boolean> =>
  sealer.open(envelope, context).then(
    () => true,
    () => false,
  );
