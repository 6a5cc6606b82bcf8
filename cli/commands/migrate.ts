import type { Definition } from '../command.ts';
import type { MigrateOptions } from '../keeping/migrate.ts';
import { STORE_OPTION } from '../options.ts';

export const migrate: Definition<MigrateOptions> = {
  path: 'migrate',
  description: 'Migrate a store to this version; the API also does this when it starts',
  define: (command) => {
    command.option(...STORE_OPTION).option('--dry-run', 'print the statements without running them');
  },
  answer: async ({ options }) => (await import('../keeping/migrate.ts')).migrate(options),
};
