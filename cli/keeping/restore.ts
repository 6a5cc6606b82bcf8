import { existsSync } from 'node:fs';
import { restoreSqlite } from '../../api/keeping/restore.node.ts';
import { type Database, placeOf } from '../../api/store/open.node.ts';
import type { Answer } from '../command.ts';
import { inStore } from '../terminal/counted.ts';
import { storeUrl, withDatabase } from './database.ts';
import { diagnose } from './doctor.ts';

export interface RestoreOptions {
  from: string;
  store?: string;
  force?: boolean;
  json?: boolean;
}

export async function restore({ from, store, force, json }: RestoreOptions): Promise<Answer> {
  const place = placeOf(storeUrl(store));
  if (place.dialect === 'pg')
    throw new Error('PostgreSQL is restored by pg_restore, or by `npx gatehouse store copy` from a SQLite file.');
  const { tenants, revisions, findings } = await withDatabase(`sqlite:${from}`, (database) =>
    diagnose(database, !json),
  );
  const broken = findings.find(({ severity }) => severity === 'error');
  if (broken) throw new Error(`'${from}' is damaged: ${broken.at}: ${broken.problem}.`);
  if (!force && existsSync(place.path) && !(await withDatabase(`sqlite:${place.path}`, isEmpty)))
    throw new Error(`'${place.path}' is not empty. Back it up and remove it, or use --force.`);
  restoreSqlite(from, place.path);
  return {
    text: `Restored ${inStore({ tenants, revisions })} from ${from} to ${place.path}.`,
    json: { from, store: place.path, tenants, revisions },
  };
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
