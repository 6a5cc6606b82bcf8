import { join } from 'node:path';
import { NODE_FLAGS as API_FLAGS } from '../../api/node-flags.ts';
import { NODE_FLAGS as AGENT_FLAGS } from '../../dataplane/node-flags.ts';
import type { Program } from './child.ts';
import { compileCache } from './compile-cache.ts';
import { projectFile } from './project-file.ts';

type Run = Required<Pick<Program, 'command' | 'args' | 'env'>>;

/**
 * Returns how to run an agent, for `up`, for `agent` and for the benchmarks.
 *
 * @param folder the folder of its data
 */
export const agentProgram = (folder?: string, env = process.env): Run =>
  run('dataplane/main.ts', AGENT_FLAGS, folder, env);

/** Returns how to run the control API, for `up`, for `api` and for the benchmarks. */
export const apiProgram = (folder?: string, env = process.env): Run => run('api/main.node.ts', API_FLAGS, folder, env);

const run = (file: string, flags: string[], folder: string | undefined, env: NodeJS.ProcessEnv): Run => ({
  command: process.execPath,
  args: [...flags, projectFile(file)],
  env: compileCache(env, folder && join(folder, 'compiled')),
});
