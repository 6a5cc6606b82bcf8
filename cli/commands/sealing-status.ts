import type { Definition } from '../command.ts';
import type { SealingOptions } from '../keeping/sealing.ts';
import { STORE_OPTION } from '../options.ts';

export const sealingStatus: Definition<SealingOptions> = {
  path: 'sealing status',
  description: 'Show which key sealed how much of a store',
  define: (command) => {
    command.option(...STORE_OPTION);
  },
  answer: async ({ options }) => (await import('../keeping/sealing.ts')).sealingStatus(options),
};
