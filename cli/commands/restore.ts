import type { Definition } from '../command.ts';
import type { RestoreOptions } from '../keeping/restore.ts';
import { STORE_OPTION } from '../options.ts';

export const restore: Definition<RestoreOptions> = {
  path: 'restore',
  description: 'Replace a SQLite store with a backup; the API must not run',
  define: (command) => {
    command
      .requiredOption('--from <file>', 'file that `gatehouse backup` wrote')
      .option(...STORE_OPTION)
      .option('--force', 'restore even if the store is not empty; its data is lost')
      .addHelpText('after', '\nThe command first checks the backup. Every agent reads a snapshot afterwards.');
  },
  answer: async ({ options }) => (await import('../keeping/restore.ts')).restore(options),
};
