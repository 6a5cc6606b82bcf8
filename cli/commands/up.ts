import type { Definition } from '../command.ts';
import { address, folder, port } from '../options.ts';
import { DEFAULT_PORTS } from '../up/default-ports.ts';
import type { GivenOptions } from '../up/options.ts';

const { http, https, apiPort, agentPort, demoPort } = DEFAULT_PORTS;

export const up: Definition<GivenOptions> = {
  path: 'up',
  description: 'Start everything on this machine: API, agent, Envoy and the Bookinfo demo',
  define: (command) => {
    command
      .option('--data <dir>', 'folder for the database, keys and logs', folder, '.gatehouse')
      .option('--http <port>', `port on which Envoy serves port 80; default ${http}`, port)
      .option('--https <port>', `port on which Envoy serves port 443; default ${https}`, port)
      .option('--api-port <port>', `port of the control API, on 127.0.0.1; default ${apiPort}`, port)
      .option('--agent-port <port>', `port of the agent's health and metrics, on 127.0.0.1; default ${agentPort}`, port)
      .option(
        '--demo-port <port>',
        `first of six ports in a row for the demo services, on 127.0.0.1; default ${demoPort}`,
        port,
      )
      .option('--address <ip>', 'address on which Envoy serves; 0.0.0.0 opens it to the network', address, '127.0.0.1')
      .addHelpText(
        'after',
        '\nWithout the option for a port, a start uses the port of the last start on the data folder.\nENVOY_BIN is the path of the Envoy to run. Default: the one in PATH, otherwise Envoy 1.40, which is downloaded once.',
      );
  },
  run: async ({ options }) => (await import('../up/up.ts')).up(options),
};
