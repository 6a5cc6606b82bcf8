import { existsSync } from 'node:fs';
import { backupSqlite } from '../../api/keeping/backup.node.ts';
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
  if (!existsSync(path)) throw new Error(`There is no database '${path}'.`);
  backupSqlite(path, to);
  const { tenants, revisions, findings } = await withDatabase(`sqlite:${to}`, (database) => diagnose(database, !json));
  const broken = findings.find(({ severity }) => severity === 'error');
  if (broken)
    throw new Error(
      `The backup is written, but the store is damaged: ${broken.at}: ${broken.problem}. \`npx gatehouse doctor\` lists every problem.`,
    );
  return { text: `${to}: ${inStore({ tenants, revisions })}`, json: { to, tenants, revisions } };
}
