import type { Definition } from '../command.ts';
import type { AdvanceOptions } from '../keeping/advance.ts';
import { STORE_OPTION } from '../options.ts';

export const storeAdvance: Definition<AdvanceOptions> = {
  path: 'store advance',
  description: 'After a restore by other means: make every agent read a snapshot',
  define: (command) => {
    command
      .option(...STORE_OPTION)
      .addHelpText(
        'after',
        '\nRun it on a database that was put back to an earlier time (pg_restore, D1 time travel), before the API starts on' +
          '\nit: agents may have seen feed numbers that the API would use again for other changes. `gatehouse restore` does the same.',
      );
  },
  answer: async ({ options }) => (await import('../keeping/advance.ts')).advance(options),
};
