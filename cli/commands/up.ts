import { FIRST_PORT } from '../../demo/bookinfo/ports.ts';
import type { Definition } from '../command.ts';
import { address, folder, port } from '../options.ts';
import type { Options } from '../up/options.ts';

export const up: Definition<Options> = {
  path: 'up',
  description: 'Start everything on this machine: API, agent, Envoy and the Bookinfo demo',
  define: (command) => {
    command
      .option('--data <dir>', 'folder for the database, keys and logs', folder, '.gatehouse')
      .option('--http <port>', 'port on which Envoy serves port 80', port, 10080)
      .option('--https <port>', 'port on which Envoy serves port 443', port, 10443)
      .option('--api-port <port>', 'port of the control API, on 127.0.0.1', port, 8480)
      .option('--agent-port <port>', "port of the agent's health and metrics, on 127.0.0.1", port, 8481)
      .option('--demo-port <port>', 'first of six ports in a row for the demo services, on 127.0.0.1', port, FIRST_PORT)
      .option('--address <ip>', 'address on which Envoy serves; 0.0.0.0 opens it to the network', address, '127.0.0.1')
      .addHelpText(
        'after',
        '\nENVOY_BIN is the path of the Envoy to run. Default: the one in PATH, otherwise Envoy 1.40, which is downloaded once.',
      );
  },
  run: async ({ options }) => (await import('../up/up.ts')).up(options),
};
