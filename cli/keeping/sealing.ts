import { existingKey } from '../../api/secrets/development-key.node.ts';
import { countSealed, rotate as rotateIn, type Sealed } from '../../api/secrets/rotate.ts';
import { Sealer } from '../../api/secrets/seal.ts';
import { disagreement } from '../../api/secrets/verify.ts';
import { keys } from '../../api/store/keys.ts';
import { levelOf } from '../../api/store/migrate.ts';
import type { Database } from '../../api/store/open.node.ts';
import { kit as kitOf } from '../../api/store/query.ts';
import type { Answer } from '../command.ts';
import { UsageError } from '../process/failure.ts';
import { counted } from '../terminal/counted.ts';
import { progress } from '../terminal/progress.ts';
import { table } from '../terminal/table.ts';
import { storeUrl, withDatabase } from './database.ts';

export interface SealingOptions {
  store?: string;
  json?: boolean;
}

/** The number of passes. A process that still seals with an old key adds secrets behind the first pass. */
const PASSES = 3;

/** Shows which key sealed how much of a store. Only the ids of keys are needed, and the store knows those in use. */
export async function sealingStatus({ store }: SealingOptions): Promise<Answer> {
  return migrated(store, async (kit, list) => {
    const given = list === undefined ? [] : (await Sealer.from(list)).ids;
    const known = (await keys(kit).checks()).map(({ keyId }) => keyId);
    const sealed = await countSealed(kit, [...new Set([...given, ...known])]);
    const [first] = given;
    const stale = first === undefined ? {} : { stale: staleIn(sealed, first) };
    return { text: listed(sealed), json: { keys: given, sealed, ...stale } };
  });
}

/** Seals everything in a store again with the first sealing key. */
export async function rotate({ store, json }: SealingOptions): Promise<Answer> {
  return opened(store, async (kit, sealer) => {
    const first = sealer.ids[0]!;
    const line = progress(!json);
    const total = staleIn(await countSealed(kit, sealer.ids), first);
    let resealed = 0;
    let unopened: Awaited<ReturnType<typeof rotateIn>>['unopened'] = [];
    let stale = total;
    for (let pass = 0; pass < PASSES && (pass === 0 || stale > unopened.length); pass++) {
      const before = resealed;
      const result = await rotateIn(kit, sealer, (done) => line.show(`${before + done} of ${total} sealed again`));
      resealed += result.resealed;
      unopened = result.unopened;
      stale = staleIn(await countSealed(kit, sealer.ids), first);
    }
    line.done();
    const lines = [
      ...unopened.map(({ what, at, keyId }) => `not opened: ${what} ${at}, sealed with the key ${keyId}`),
      `${counted(resealed, 'secret')} sealed again with the key ${first}, ${stale} left`,
    ];
    return {
      text: lines.join('\n'),
      json: { ok: stale === 0, key: first, resealed, left: stale, unopened },
      ...(stale > 0 && { exit: 1 as const, why: whyLeft(stale, unopened.length) }),
    };
  });
}

const whyLeft = (left: number, unopened: number): string =>
  left > unopened
    ? 'something still seals with an old key: restart every process with the new key first in GATEHOUSE_SEALING_KEYS, and run the command again'
    : 'some secrets do not open: add the keys that sealed them to GATEHOUSE_SEALING_KEYS, or see docs/operate/sealing.md';

/** Opens a store with its sealing keys, and checks that the keys are those of the store. */
const opened = (
  store: string | undefined,
  work: (kit: ReturnType<typeof kitOf>, sealer: Sealer) => Promise<Answer>,
): Promise<Answer> =>
  migrated(store, async (kit, list) => {
    if (list === undefined)
      throw new UsageError('GATEHOUSE_SEALING_KEYS must be set to the keys of the store, the new one first.');
    const sealer = await Sealer.from(list);
    const checks = await keys(kit).checks();
    const wrong = await disagreement(sealer, checks);
    if (wrong !== undefined) throw new Error(wrong);
    if (checks.length > 0 && checks.every(({ keyId }) => keyId !== sealer.ids[0]))
      throw new Error(
        `No process has started with the key '${sealer.ids[0]}' yet. Restart every process with it first: one that does not have the key could not open what this command seals.`,
      );
    return work(kit, sealer);
  });

/**
 * Opens a store of this version.
 *
 * @param work gets the list of the sealing keys; undefined without any
 */
function migrated(
  store: string | undefined,
  work: (kit: ReturnType<typeof kitOf>, list: string | undefined) => Promise<Answer>,
): Promise<Answer> {
  const url = storeUrl(store);
  return withDatabase(url, async ({ dialect, driver, migrations }: Database) => {
    const { pending } = await levelOf(driver, migrations);
    if (pending.length > 0) throw new Error('The database is not migrated: run `npx gatehouse migrate` first.');
    return work(kitOf(dialect, driver), process.env.GATEHOUSE_SEALING_KEYS ?? existingKey(url));
  });
}

/** Returns the number of secrets that another key sealed. */
const staleIn = (sealed: readonly Sealed[], first: string): number =>
  sealed.flatMap(({ counts }) => Object.entries(counts)).reduce((sum, [id, n]) => (id === first ? sum : sum + n), 0);

const listed = (sealed: readonly Sealed[]): string =>
  table(
    ['sealed', 'key', 'number'],
    sealed.flatMap(({ what, counts }) => Object.entries(counts).map(([id, count]) => [what, id, String(count)])),
  );
