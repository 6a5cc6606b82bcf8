import { Command } from 'commander';
import { apiProgram } from '../process/program.ts';
import { ALL_SETTINGS, COMPILE_CACHE, environment } from './options.ts';

/** Each option stands for an environment variable; secrets have no option, since others see arguments. */
export function apiCommand(): Command {
  return new Command('api')
    .description('Run the control API')
    .option('--listen <host:port>', 'where it listens; GATEHOUSE_LISTEN; default 127.0.0.1:8480')
    .option('--store <url>', 'its database; GATEHOUSE_STORE; default sqlite:.gatehouse/api.sqlite')
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
    )
    .action(({ listen, store, compileCache }: { listen?: string; store?: string; compileCache?: string }) => {
      const env = environment({ GATEHOUSE_LISTEN: listen, GATEHOUSE_STORE: store, NODE_COMPILE_CACHE: compileCache });
      const { command, args, env: own } = apiProgram(undefined, env);
      // Becomes the API, since Node takes its flags at start only: the same process, and nothing of this one stays in memory.
      process.execve!(command, [command, ...args], { ...env, ...own });
    });
}
