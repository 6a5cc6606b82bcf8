import type { Definition } from '../command.ts';
import type { BackupOptions } from '../keeping/backup.ts';
import { STORE_OPTION } from '../options.ts';

export const backup: Definition<BackupOptions> = {
  path: 'backup',
  description: 'Write a SQLite store into a file, while the API runs, and check the file',
  define: (command) => {
    command
      .requiredOption('--to <file>', 'file to write; it must not exist')
      .option(...STORE_OPTION)
      .addHelpText(
        'after',
        '\nPrivate keys in the backup are sealed. Also keep GATEHOUSE_SEALING_KEYS, in another place than the backup.',
      );
  },
  answer: async ({ options }) => (await import('../keeping/backup.ts')).backup(options),
};
