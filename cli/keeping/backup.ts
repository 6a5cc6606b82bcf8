import { existsSync } from 'node:fs';
import { backupSqlite } from '../../api/keeping/backup.node.ts';
import { levelOf } from '../../api/store/migrate.ts';
import { type Database, noDatabase } from '../../api/store/open.node.ts';
import type { Answer } from '../command.ts';
import { inStore } from '../terminal/counted.ts';
import { sqliteFile, storeUrl, withDatabase } from './database.ts';
import { diagnose } from './doctor.ts';

export interface BackupOptions {
  to: string;
  store?: string;
  json?: boolean;
}

export async function backup({ to, store, json }: BackupOptions): Promise<Answer> {
  const url = storeUrl(store);
  const path = sqliteFile(url, {
    pg: 'PostgreSQL is backed up by pg_dump, or by `npx gatehouse store copy` into a SQLite file.',
    d1: `D1 is backed up by D1's time travel, or by \`npx gatehouse store copy --from ${url} --to sqlite:FILE\`.`,
  });
  if (!existsSync(path)) throw noDatabase(path);
  backupSqlite(path, to);
  const found = await withDatabase(`sqlite:${to}`, async (database) =>
    (await isCurrent(database)) ? diagnose(database, !json) : undefined,
  );
  if (!found) return { text: `${to}: not examined, because an earlier version wrote it`, json: { to } };
  const { tenants, revisions, findings } = found;
  const broken = findings.find(({ severity }) => severity === 'error');
  if (broken)
    throw new Error(
      `The backup is written, but the store is damaged: ${broken.at}: ${broken.problem}. \`npx gatehouse doctor\` lists every problem.`,
    );
  return { text: `${to}: ${inStore({ tenants, revisions })}`, json: { to, tenants, revisions } };
}

/** Whether a database is one of this version. Before an upgrade, the new command makes the backup of an earlier one. */
const isCurrent = async ({ driver, migrations }: Database): Promise<boolean> =>
  (await levelOf(driver, migrations)).pending.length === 0;
