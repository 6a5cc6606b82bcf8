import { NODE_FLAGS } from '../dataplane/node-flags.ts';
import type { Program } from './up/child.ts';
import { compiledIn, projectFile } from './up/house.ts';

/** How an agent is run, by whatever runs one: `up`, the command of its own, the bench. */
export const agentProgram = (folder: { path: string }): Required<Pick<Program, 'command' | 'args' | 'env'>> => ({
  command: process.execPath,
  args: [...NODE_FLAGS, projectFile('dataplane/main.ts')],
  env: compiledIn(folder),
});
