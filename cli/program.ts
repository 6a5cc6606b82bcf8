import { NODE_FLAGS as API_FLAGS } from '../api/node-flags.ts';
import { NODE_FLAGS as AGENT_FLAGS } from '../dataplane/node-flags.ts';
import type { Program } from './up/child.ts';
import { compiledIn, projectFile } from './up/house.ts';

type Run = Required<Pick<Program, 'command' | 'args' | 'env'>>;
interface Place {
  path: string;
}

/** How an agent is run, by whatever runs one: `up`, the command of its own, the bench. */
export const agentProgram = (folder: Place): Run => run('dataplane/main.ts', AGENT_FLAGS, folder);

/** How the control API is run, by the same. */
export const apiProgram = (folder?: Place): Run => run('api/main.node.ts', API_FLAGS, folder);

const run = (file: string, flags: string[], folder?: Place): Run => ({
  command: process.execPath,
  args: [...flags, projectFile(file)],
  env: folder ? compiledIn(folder) : {},
});
