import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { restoreSqlite } from '../../api/keeping/restore.node.ts';
import { type Database, placeOf } from '../../api/store/open.node.ts';
import { diagnose } from './doctor.ts';
import { STORE_OPTION, storeUrl, withDatabase } from './store.ts';

export function restoreCommand(): Command {
  return new Command('restore')
    .description('Put a backup in the place of a SQLite store; the API must not run')
    .requiredOption('--from <file>', 'what `gatehouse backup` wrote')
    .option(...STORE_OPTION)
    .option('--force', 'even though the store is not empty: what it has is lost')
    .option('--json', 'one JSON object instead of text')
    .addHelpText('after', '\nThe backup is checked first. Every agent takes a snapshot afterwards.')
    .action(async ({ from, store, force, json }: { from: string; store?: string; force?: boolean; json?: boolean }) => {
      const place = placeOf(storeUrl(store));
      if (place.dialect === 'pg')
        throw new Error('PostgreSQL is restored by pg_restore, or by `gatehouse store copy` from a SQLite file.');
      const { tenants, revisions, findings } = await withDatabase(`sqlite:${from}`, (database) =>
        diagnose(database, !json),
      );
      const broken = findings.find(({ severity }) => severity === 'error');
      if (broken) throw new Error(`'${from}' is not whole: ${broken.at}: ${broken.problem}.`);
      if (!force && existsSync(place.path) && !(await withDatabase(`sqlite:${place.path}`, isEmpty)))
        throw new Error(`'${place.path}' is not empty. Back it up and remove it, or say --force.`);
      restoreSqlite(from, place.path);
      process.stdout.write(
        json
          ? `${JSON.stringify({ store: place.path, tenants, revisions })}\n`
          : `${place.path}: ${tenants} tenants, ${revisions} revisions\n`,
      );
    });
}

/** Nothing in it that anybody made: no tenant, no fleet. A file that is no database is not empty. */
export async function isEmpty({ driver }: Database): Promise<boolean> {
  const tables = await driver.all(
    "select name from sqlite_master where type = 'table' and name in ('tenant', 'fleet')",
    [],
  );
  for (const [name] of tables) if ((await driver.all(`select 1 from ${name} limit 1`, [])).length > 0) return false;
  return true;
}
