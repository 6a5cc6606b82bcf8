import { hash } from 'node:crypto';
import type { Examined } from '../../api/keeping/check.ts';
import { examine } from '../../api/keeping/doctor.ts';
import type { Finding } from '../../api/keeping/finding.ts';
import { repairHashes } from '../../api/keeping/repair.ts';
import { existingKey } from '../../api/secrets/development-key.node.ts';
import { Sealer } from '../../api/secrets/seal.ts';
import { levelOf } from '../../api/store/migrate.ts';
import type { Database } from '../../api/store/open.node.ts';
import type { Answer } from '../command.ts';
import { counted, inStore } from '../terminal/counted.ts';
import { progress } from '../terminal/progress.ts';
import { storeUrl, withDatabase } from './database.ts';

export interface DoctorOptions {
  store?: string;
  json?: boolean;
  repair?: boolean;
}

export async function doctor({ store, json, repair }: DoctorOptions): Promise<Answer> {
  const url = storeUrl(store);
  const sealingKeys = process.env.GATEHOUSE_SEALING_KEYS ?? existingKey(url);
  const sealer = sealingKeys === undefined ? undefined : await Sealer.from(sealingKeys);
  const { findings, repaired, ...examined } = await withDatabase(url, async (database) => {
    const found = await diagnose(database, !json, sealer);
    if (!repair) return { ...found, repaired: [] };
    const mended = await repairHashes(database.dialect, database.driver, found.findings);
    // Examine the store again, to show which errors remain and whether the repair had the intended effect.
    return { ...(mended.length > 0 ? await diagnose(database, !json, sealer) : found), repaired: mended };
  });
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const lines = [
    ...repaired.map(({ at }) => `repaired: ${at}: its hash is now that of its content`),
    ...findings.map(({ severity, at, problem, remedy }) => `${severity}: ${at}: ${problem}\n  ${remedy}`),
    ...(sealer ? [] : ['Private keys were not opened: set GATEHOUSE_SEALING_KEYS to check them too.']),
    `${inStore(examined)}: ${counted(errors, 'error')}, ${counted(findings.length - errors, 'warning')}` +
      (repair ? `, ${repaired.length} repaired` : ''),
  ];
  return {
    text: lines.join('\n'),
    json: {
      ok: errors === 0,
      ...examined,
      keysOpened: sealer !== undefined,
      ...(repair && { repaired: repaired.map(({ at }) => at) }),
      findings,
    },
    exit: errors > 0 ? 1 : 0,
  };
}

/**
 * Examines a store.
 *
 * @param shown whether to show the progress
 * @param sealer decrypts private keys; without it, the examination only checks that they exist
 * @throws Error when a newer version wrote the store, or when an older version wrote it and it is not migrated
 */
export async function diagnose(
  { dialect, driver, migrations }: Database,
  shown: boolean,
  sealer?: Sealer,
): Promise<Examined & { findings: Finding[] }> {
  const { pending } = await levelOf(driver, migrations);
  if (pending.length > 0)
    throw new Error(
      `The database lacks ${pending.map(({ tag }) => tag).join(', ')}: run \`npx gatehouse migrate\` first.`,
    );
  const line = progress(shown);
  let total: Examined = { tenants: 0, revisions: 0 };
  const findings: Finding[] = [];
  const seen = (so_far: Examined) => {
    total = so_far;
    line.show(inStore(so_far));
  };
  for await (const finding of examine(dialect, driver, (text) => hash('sha256', text), seen, sealer))
    findings.push(finding);
  line.done();
  return { ...total, findings };
}
