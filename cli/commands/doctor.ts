import type { Definition } from '../command.ts';
import type { DoctorOptions } from '../keeping/doctor.ts';
import { STORE_OPTION } from '../options.ts';

export const doctor: Definition<DoctorOptions> = {
  path: 'doctor',
  description: 'Check a store: every revision against its hash, the feed, claims, keys, tokens, orphans',
  define: (command) => {
    command
      .option(...STORE_OPTION)
      .option('--repair', 'replace the hash of revisions to which an earlier version gave a wrong one')
      .addHelpText('after', '\nWithout --repair it only reads; it may run beside the API. Exits with 1 on an error.');
  },
  answer: async ({ options }) => (await import('../keeping/doctor.ts')).doctor(options),
};
