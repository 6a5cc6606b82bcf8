import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { restoreSqlite } from '../../api/keeping/restore.node.ts';
import type { Database } from '../../api/store/open.node.ts';
import type { Answer } from '../command.ts';
import { UsageError } from '../process/failure.ts';
import { inStore } from '../terminal/counted.ts';
import { isSameStore, sqliteFile, storeUrl, withDatabase } from './database.ts';
import { diagnose } from './doctor.ts';

export interface RestoreOptions {
  from: string;
  store?: string;
  force?: boolean;
  json?: boolean;
}

export async function restore({ from, store, force, json }: RestoreOptions): Promise<Answer> {
  const url = storeUrl(store);
  const path = sqliteFile(url, {
    pg: 'PostgreSQL is restored by pg_restore, or by `npx gatehouse store copy` from a SQLite file.',
    d1: `D1 is restored by D1's time travel, or by \`npx gatehouse store copy --from sqlite:FILE --to ${url}\`.`,
  });
  if (isSameStore(`sqlite:${from}`, url)) throw new UsageError('--from and --store name the same file.');
  requireBackup(from);
  const { tenants, revisions, findings } = await withDatabase(`sqlite:${from}`, (database) =>
    diagnose(database, !json),
  );
  const broken = findings.find(({ severity }) => severity === 'error');
  if (broken) throw new Error(`'${from}' is damaged: ${broken.at}: ${broken.problem}. Restore another backup.`);
  if (!force && existsSync(path) && !(await withDatabase(`sqlite:${path}`, isEmpty).catch(() => false)))
    throw new Error(`'${path}' is not empty. Back it up and remove it, or use --force.`);
  restoreSqlite(from, path);
  return {
    text: `Restored ${inStore({ tenants, revisions })} from ${from} to ${path}.`,
    json: { from, store: path, tenants, revisions },
  };
}

/** The first bytes of every SQLite database. https://www.sqlite.org/fileformat.html#the_database_header */
const MAGIC = 'SQLite format 3\0';

/**
 * Checks that a file is a SQLite database, before SQLite opens it: SQLite would make a database of an empty file.
 *
 * @throws UsageError when it is another file
 */
function requireBackup(path: string): void {
  if (!existsSync(path))
    throw new UsageError(`There is no file '${path}'. Name a file that \`npx gatehouse backup\` wrote with --from.`);
  const bytes = Buffer.alloc(MAGIC.length);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, bytes.length, 0);
  } catch {
    // A folder cannot be read. It is no backup.
  } finally {
    closeSync(file);
  }
  if (bytes.toString('latin1') !== MAGIC)
    throw new UsageError(`'${path}' is not a backup. Expected a file that \`npx gatehouse backup\` wrote.`);
}

/** Whether the store has no tenant and no fleet. A file that is not a database does not count as empty. */
export async function isEmpty({ driver }: Database): Promise<boolean> {
  const tables = await driver.all(
    "select name from sqlite_master where type = 'table' and name in ('tenant', 'fleet')",
    [],
  );
  for (const [name] of tables) if ((await driver.all(`select 1 from ${name} limit 1`, [])).length > 0) return false;
  return true;
}
