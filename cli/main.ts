import { readFileSync } from 'node:fs';
import { COMMANDS } from './commands/index.ts';
import { report } from './exit.ts';
import { programOf } from './program.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

try {
  await programOf(COMMANDS, version).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
