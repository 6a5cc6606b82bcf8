import { Command } from 'commander';
import type { AdvanceAsked } from '../keeping/advance.ts';
import type { BackupAsked } from '../keeping/backup.ts';
import type { CopyAsked } from '../keeping/copy.ts';
import type { DoctorAsked } from '../keeping/doctor.ts';
import type { MigrateAsked } from '../keeping/migrate.ts';
import type { RestoreAsked } from '../keeping/restore.ts';

const STORE = ['--store <url>', 'its database; GATEHOUSE_STORE; default sqlite:.gatehouse/api.sqlite'] as const;
const JSON_OPTION = ['--json', 'one JSON object instead of text'] as const;

/** What looks after a store. The databases' drivers are loaded only by a command that runs: completion must be quick. */
export const keepingCommands = (): Command[] => [
  new Command('migrate')
    .description('Bring a store to this version; the API does so by itself when it starts')
    .option(...STORE)
    .option('--dry-run', 'print the statements, and run none')
    .option(...JSON_OPTION)
    .action(async (asked: MigrateAsked) => (await import('../keeping/migrate.ts')).migrate(asked)),

  new Command('doctor')
    .description('Check a store: every revision against its hash, the feed, claims, keys, tokens, orphans')
    .option(...STORE)
    .option('--repair', 'give revisions that an earlier version wrote with a wrong hash the hash of what they hold')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nWithout --repair it only reads; it may run beside the API. Exits with 1 when there is an error.',
    )
    .action(async (asked: DoctorAsked) => (await import('../keeping/doctor.ts')).doctor(asked)),

  new Command('backup')
    .description('Write a SQLite store into a file, while the API goes on, and check it')
    .requiredOption('--to <file>', 'where to; there must be none of that name')
    .option(...STORE)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nPrivate keys in it are sealed: keep GATEHOUSE_SEALING_KEYS too, somewhere else.')
    .action(async (asked: BackupAsked) => (await import('../keeping/backup.ts')).backup(asked)),

  new Command('restore')
    .description('Put a backup in the place of a SQLite store; the API must not run')
    .requiredOption('--from <file>', 'what `gatehouse backup` wrote')
    .option(...STORE)
    .option('--force', 'even though the store is not empty: what it has is lost')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nThe backup is checked first. Every agent takes a snapshot afterwards.')
    .action(async (asked: RestoreAsked) => (await import('../keeping/restore.ts')).restore(asked)),

  new Command('store')
    .description('Move between databases')
    .addCommand(
      new Command('copy')
        .description('Copy a whole store into an empty one, of any engine, and verify it')
        .requiredOption('--from <url>', 'sqlite:PATH, postgres://… or d1:DB; nothing may write to it meanwhile')
        .requiredOption('--to <url>', 'the same; a database without rows')
        .option(...JSON_OPTION)
        .addHelpText(
          'after',
          '\nIf the copy is interrupted, run the same command again; it resumes. Nothing else opens the target before the copy is\ndone and verified. A SQLite file that another process has open is refused.',
        )
        .action(async (asked: CopyAsked) => (await import('../keeping/copy.ts')).copy(asked)),
    )
    .addCommand(
      new Command('advance')
        .description('After a restore by other means: have every agent take a snapshot')
        .option(...STORE)
        .addHelpText(
          'after',
          '\nOf a database that was put back to an earlier time (pg_restore, D1 time travel), before the API starts on it: agents may have\nseen feed numbers that it would tell again of other changes. `gatehouse restore` does this by itself.',
        )
        .action(async (asked: AdvanceAsked) => (await import('../keeping/advance.ts')).advance(asked)),
    ),
];
