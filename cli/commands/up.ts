import { Command } from 'commander';
import { FIRST_PORT } from '../../demo/bookinfo/ports.ts';
import type { Options } from '../up/options.ts';
import { up } from '../up/up.ts';
import { address, port } from './options.ts';

export function upCommand(): Command {
  return new Command('up')
    .description('Start everything on this machine: API, agent, Envoy and the Bookinfo demo')
    .option('--data <dir>', 'folder for the database, keys and logs', '.gatehouse')
    .option('--http <port>', 'where Envoy serves port 80', port, 10080)
    .option('--https <port>', 'where Envoy serves port 443', port, 10443)
    .option('--api-port <port>', 'where the control API listens, on 127.0.0.1', port, 8480)
    .option('--agent-port <port>', "where the agent's health and metrics are, on 127.0.0.1", port, 8481)
    .option('--demo-port <port>', 'first of six ports in a row for the demo services, on 127.0.0.1', port, FIRST_PORT)
    .option('--address <ip>', 'address on which Envoy serves; 0.0.0.0 opens it to the network', address, '127.0.0.1')
    .addHelpText(
      'after',
      '\nENVOY_BIN names an Envoy to use; else one is looked for in PATH, else Envoy 1.40 is fetched once.',
    )
    .action((options: Options) => up(options));
}
