import { InvalidArgumentError } from 'commander';
import type { Endpoint } from '../../dataplane/envoy/bootstrap.ts';
import type { Limits } from '../../dataplane/envoy/limits.ts';
import type { Definition } from '../command.ts';
import { whole } from '../options.ts';

interface Options {
  fleet: string;
  node: string;
  xds: Endpoint;
  admin: Endpoint;
  ready?: Endpoint;
  probe?: string;
  concurrency: number;
  maxConnections?: number;
  maxTenantConnections?: number;
  /** In MiB. */
  maxHeap?: number;
}

/** In MiB. An Envoy without any configuration has a heap of 10 MiB, and rejects every request near its limit. */
const LEAST_HEAP = 32;

export const bootstrap: Definition<Options> = {
  path: 'agent bootstrap',
  description: 'Print the configuration with which an Envoy reaches its agent, for `envoy -c`',
  define: (command) => {
    command
      .requiredOption('--fleet <name>', 'fleet of the Envoy')
      .requiredOption('--node <name>', 'name of the Envoy, unique in the fleet')
      .requiredOption('--xds <address>', 'where the agent serves xDS, unix:/path or host:port', endpoint)
      .requiredOption('--admin <address>', "address of Envoy's admin interface, unix:/path or host:port", endpoint)
      .option(
        '--ready <address>',
        'where load balancers ask by GET /ready whether the Envoy takes new connections, unix:/path or host:port',
        endpoint,
      )
      .option('--probe <path>', 'unix socket for probes, by which the agent finds out which revisions are live')
      .option('--concurrency <threads>', 'worker threads; give Envoy the same number', whole, 1)
      .option(
        '--max-connections <number>',
        'maximum number of open client connections; default 50000, or a quarter of the files that a process may open',
        whole,
      )
      .option(
        '--max-tenant-connections <number>',
        "maximum number of open connections to one tenant's upstreams; default 262144, or a quarter of these files, or one per 128 KB of the memory limit",
        whole,
      )
      .option(
        '--max-heap <MiB>',
        `memory limit above which Envoy rejects requests, at least ${LEAST_HEAP}; default 80 % of this machine`,
        heapSize,
      );
  },
  run: async ({
    options: { fleet, node, xds, admin, ready, probe, concurrency, maxConnections, maxTenantConnections, maxHeap },
  }) => {
    const { bootstrap } = await import('../../dataplane/envoy/bootstrap.ts');
    const { defaultLimits, MOST_CONNECTIONS } = await import('../../dataplane/envoy/limits.ts');
    const limits = defaultLimits(undefined, maxHeap && maxHeap * 1024 * 1024);
    const config = bootstrap({
      node: { id: node, cluster: fleet },
      xds,
      admin,
      concurrency,
      limits: {
        ...limits,
        ...(maxConnections !== undefined && { connections: maxConnections }),
        ...(maxTenantConnections !== undefined && { tenantConnections: maxTenantConnections }),
      },
      ...(ready && { ready }),
      ...(probe !== undefined && { probe }),
    });
    if (limits.connections < MOST_CONNECTIONS) process.stderr.write(fewFiles(limits));
    process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
  },
};

const fewFiles = ({ connections, tenantConnections }: Limits) =>
  `gatehouse: a process may open too few files on this machine for more than ${connections} client connections, and ${tenantConnections} connections to the upstreams of one tenant; raise the hard limit (systemd: LimitNOFILE=1048576; Docker: --ulimit nofile=1048576) for Envoy and for this command\n`;

function heapSize(value: string): number {
  const size = whole(value);
  if (size < LEAST_HEAP) throw new InvalidArgumentError(`Envoy needs at least ${LEAST_HEAP} MiB.`);
  return size;
}

function endpoint(value: string): Endpoint {
  if (value.startsWith('unix:/')) return { path: value.slice('unix:'.length) };
  const [, address, port] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(value) ?? [];
  if (!address || !port) throw new InvalidArgumentError('Expected unix:/path or host:port.');
  return { address, port: Number(port) };
}
