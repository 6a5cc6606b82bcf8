import type { Definition } from '../command.ts';
import type { SealingOptions } from '../keeping/sealing.ts';
import { STORE_OPTION } from '../options.ts';

export const sealingRotate: Definition<SealingOptions> = {
  path: 'sealing rotate',
  description: 'Seal everything in a store again with the first key of GATEHOUSE_SEALING_KEYS',
  define: (command) => {
    command
      .option(...STORE_OPTION)
      .addHelpText(
        'after',
        '\nThe API may run meanwhile, with the same keys. If the command is interrupted, run it again: it does the rest. Exits' +
          '\nwith 1 when something is left. docs/operate/sealing.md describes the whole change of a key.',
      );
  },
  answer: async ({ options }) => (await import('../keeping/sealing.ts')).rotate(options),
};
