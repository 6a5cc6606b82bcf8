import { Command } from 'commander';
import { backupSqlite } from '../../api/keeping/backup.node.ts';
import { placeOf } from '../../api/store/open.node.ts';
import { diagnose } from './doctor.ts';
import { STORE_OPTION, storeUrl, withDatabase } from './store.ts';

export function backupCommand(): Command {
  return new Command('backup')
    .description('Write a SQLite store into a file, while the API goes on, and check it')
    .requiredOption('--to <file>', 'where to; there must be none of that name')
    .option(...STORE_OPTION)
    .option('--json', 'one JSON object instead of text')
    .addHelpText('after', '\nPrivate keys in it are sealed: keep GATEHOUSE_SEALING_KEYS too, somewhere else.')
    .action(async ({ to, store, json }: { to: string; store?: string; json?: boolean }) => {
      const place = placeOf(storeUrl(store));
      if (place.dialect === 'pg')
        throw new Error('PostgreSQL is backed up by pg_dump, or by `gatehouse store copy` into a SQLite file.');
      backupSqlite(place.path, to);
      const { tenants, revisions, findings } = await withDatabase(`sqlite:${to}`, (database) =>
        diagnose(database, !json),
      );
      const broken = findings.find(({ severity }) => severity === 'error');
      if (broken)
        throw new Error(
          `The backup is written, but the store is not whole: ${broken.at}: ${broken.problem}. \`gatehouse doctor\` tells all.`,
        );
      process.stdout.write(
        json
          ? `${JSON.stringify({ to, tenants, revisions })}\n`
          : `${to}: ${tenants} tenants, ${revisions} revisions\n`,
      );
    });
}
