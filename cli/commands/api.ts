import { Command } from 'commander';
import { apiProgram } from '../program.ts';
import { COMPILE_CACHE, environment } from './options.ts';

/** Each option stands for an environment variable; secrets have no option, since others see arguments. */
export function apiCommand(): Command {
  return new Command('api')
    .description('Run the control API')
    .option('--listen <host:port>', 'where it listens; GATEHOUSE_LISTEN; default 127.0.0.1:8480')
    .option('--store <url>', 'its database; GATEHOUSE_STORE; default sqlite:.gatehouse/api.sqlite')
    .option('--compile-cache <dir>', COMPILE_CACHE)
    .addHelpText(
      'after',
      '\nGATEHOUSE_OPERATOR_TOKEN is the first operator’s token, GATEHOUSE_SEALING_KEYS what seals private keys.\nGATEHOUSE_CORS_ORIGINS lists the origins whose pages may call the API (a dashboard), separated by commas; none by default.',
    )
    .action(({ listen, store, compileCache }: { listen?: string; store?: string; compileCache?: string }) => {
      const env = environment({ GATEHOUSE_LISTEN: listen, GATEHOUSE_STORE: store, NODE_COMPILE_CACHE: compileCache });
      const { command, args, env: own } = apiProgram(undefined, env);
      // Becomes the API, since Node takes its flags at start only: the same process, and nothing of this one stays in memory.
      process.execve!(command, [command, ...args], { ...env, ...own });
    });
}
