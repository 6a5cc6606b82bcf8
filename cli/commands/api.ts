import type { Definition } from '../command.ts';
import { ALL_SETTINGS, COMPILE_CACHE, environment, STORE_OPTION } from '../options.ts';
import { apiProgram } from '../process/program.ts';

interface Options {
  listen?: string;
  store?: string;
  compileCache?: string;
}

/** Each option sets an environment variable. Secrets have no option, because other users can see arguments. */
export const api: Definition<Options> = {
  path: 'api',
  description: 'Run the control API',
  define: (command) => {
    command
      .option('--listen <host:port>', 'address on which the API listens; GATEHOUSE_LISTEN; default 127.0.0.1:8480')
      .option(...STORE_OPTION)
      .option('--compile-cache <dir>', COMPILE_CACHE)
      .addHelpText(
        'after',
        `
Environment variables:
  GATEHOUSE_OPERATOR_TOKEN  the first operator's token, 16 to 256 characters
  GATEHOUSE_SEALING_KEYS    keys that seal tenants' private keys, ID:KEY, separated by commas
  GATEHOUSE_STORE_REPLICA   a read replica of PostgreSQL
  GATEHOUSE_CORS_ORIGINS    origins whose pages may call the API (a dashboard), separated by commas
  GATEHOUSE_RATE_LIMIT      requests per second of one token; 0 = no limit
  GATEHOUSE_LOG_LEVEL       fatal, error, warn, info, debug, trace or silent
${ALL_SETTINGS}`,
      );
  },
  run: async ({ options: { listen, store, compileCache } }) => {
    const { warnOfMisplaced } = await import('../misplaced.ts');
    warnOfMisplaced('api');
    const env = environment({ GATEHOUSE_LISTEN: listen, GATEHOUSE_STORE: store, NODE_COMPILE_CACHE: compileCache });
    const { command, args, env: own } = apiProgram(undefined, env);
    // This process becomes the API, because Node reads its flags only at its start. No code of this program stays in
    // memory.
    process.execve!(command, [command, ...args], { ...env, ...own });
  },
};
