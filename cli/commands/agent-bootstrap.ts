import { InvalidArgumentError } from 'commander';
import type { Endpoint } from '../../dataplane/envoy/bootstrap.ts';
import type { Definition } from '../command.ts';
import { whole } from '../options.ts';

interface Options {
  fleet: string;
  node: string;
  xds: Endpoint;
  admin: Endpoint;
  probe?: string;
  concurrency: number;
  maxConnections?: number;
  /** In MiB. */
  maxHeap?: number;
}

export const bootstrap: Definition<Options> = {
  path: 'agent bootstrap',
  description: 'Print the configuration with which an Envoy reaches its agent, for `envoy -c`',
  define: (command) => {
    command
      .requiredOption('--fleet <name>', 'fleet of the Envoy')
      .requiredOption('--node <name>', 'name of the Envoy, unique in the fleet')
      .requiredOption('--xds <address>', 'where the agent serves xDS, unix:/path or host:port', endpoint)
      .requiredOption('--admin <address>', "address of Envoy's admin interface, unix:/path or host:port", endpoint)
      .option('--probe <path>', 'unix socket for probes, by which the agent finds out which revisions are live')
      .option('--concurrency <threads>', 'worker threads; give Envoy the same number', whole, 1)
      .option('--max-connections <number>', 'maximum number of open client connections; default 50000', whole)
      .option(
        '--max-heap <MiB>',
        'memory limit above which Envoy rejects requests; default 80 % of this machine',
        whole,
      );
  },
  run: async ({ options: { fleet, node, xds, admin, probe, concurrency, maxConnections, maxHeap } }) => {
    const { bootstrap } = await import('../../dataplane/envoy/bootstrap.ts');
    const { defaultLimits } = await import('../../dataplane/envoy/limits.ts');
    const { connections, heap } = defaultLimits();
    const config = bootstrap({
      node: { id: node, cluster: fleet },
      xds,
      admin,
      concurrency,
      limits: {
        connections: maxConnections ?? connections,
        heap: maxHeap === undefined ? heap : maxHeap * 1024 * 1024,
      },
      ...(probe !== undefined && { probe }),
    });
    process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
  },
};

function endpoint(value: string): Endpoint {
  if (value.startsWith('unix:/')) return { path: value.slice('unix:'.length) };
  const [, address, port] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(value) ?? [];
  if (!address || !port) throw new InvalidArgumentError('Expected unix:/path or host:port.');
  return { address, port: Number(port) };
}
