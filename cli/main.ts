import { readFileSync } from 'node:fs';
import { COMMANDS } from './commands/index.ts';
import { report } from './exit.ts';
import { endWithReader } from './process/broken-pipe.ts';
import { unknownVariables } from './process/variables.ts';
import { programOf } from './program.ts';
import { print } from './terminal/print.ts';
import { VARIABLES } from './variables.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

endWithReader(process.stdout);
endWithReader(process.stderr);
for (const warning of unknownVariables(process.env, Object.values(VARIABLES).flat()))
  print(`gatehouse: ${warning}`, process.stderr);
try {
  await programOf(COMMANDS, version).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
