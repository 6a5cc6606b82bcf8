import type { Definition } from '../command.ts';
import type { DoctorOptions } from '../keeping/doctor.ts';
import { STORE_OPTION } from '../options.ts';

export const doctor: Definition<DoctorOptions> = {
  path: 'doctor',
  description: 'Check a store: every revision against its hash, the feed, claims, keys, tokens, orphans',
  define: (command) => {
    command
      .option(...STORE_OPTION)
      .option('--repair', 'replace wrong hashes of revisions that an earlier version wrote')
      .addHelpText(
        'after',
        '\nWithout --repair the command only reads, so the API may run meanwhile. Exits with 1 when it finds an error.',
      );
  },
  answer: async ({ options }) => (await import('../keeping/doctor.ts')).doctor(options),
};
