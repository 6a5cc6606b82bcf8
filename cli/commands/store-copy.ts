import type { Definition } from '../command.ts';
import type { CopyOptions } from '../keeping/copy.ts';

export const storeCopy: Definition<CopyOptions> = {
  path: 'store copy',
  description: 'Copy a whole store into an empty one, of any engine, and verify it',
  define: (command) => {
    command
      .requiredOption('--from <url>', 'sqlite:PATH, postgres://… or d1:DB; nothing may write to it meanwhile')
      .requiredOption('--to <url>', 'the same; a database without rows')
      .addHelpText(
        'after',
        '\nIf the copy is interrupted, run the same command again to resume it. Nothing else can open the target before the copy' +
          '\nis complete and verified. The command rejects a SQLite file that another process has open.',
      );
  },
  answer: async ({ options }) => (await import('../keeping/copy.ts')).copy(options),
};
