import { Command, InvalidArgumentError } from 'commander';
import { bootstrap, type Endpoint } from '../../dataplane/envoy/bootstrap.ts';
import { defaultLimits } from '../../dataplane/envoy/limits.ts';

interface Options {
  fleet: string;
  node: string;
  xds: Endpoint;
  admin: Endpoint;
  probe?: string;
  concurrency: number;
  maxConnections?: number;
  maxHeap?: number;
}

export function bootstrapCommand(): Command {
  return new Command('bootstrap')
    .description('Print what an Envoy needs to reach its agent, for `envoy -c`')
    .requiredOption('--fleet <name>', 'fleet of the Envoy')
    .requiredOption('--node <name>', 'name of the Envoy, unique in the fleet')
    .requiredOption('--xds <address>', 'where the agent serves xDS, unix:/path or host:port', endpoint)
    .requiredOption('--admin <address>', "Envoy's own administration, unix:/path or host:port", endpoint)
    .option('--probe <path>', 'unix socket by which the agent sees what is live')
    .option('--concurrency <threads>', 'worker threads; give Envoy the same number', whole, 1)
    .option('--max-connections <number>', "visitors' connections open at once; default 50000", whole)
    .option('--max-heap <MiB>', 'memory of Envoy before it refuses requests; default 80 % of this machine', whole)
    .action(({ fleet, node, xds, admin, probe, concurrency, maxConnections, maxHeap }: Options) => {
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
    });
}

function endpoint(value: string): Endpoint {
  if (value.startsWith('unix:/')) return { path: value.slice('unix:'.length) };
  const [, address, port] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(value) ?? [];
  if (!address || !port) throw new InvalidArgumentError('Expected unix:/path or host:port.');
  return { address, port: Number(port) };
}

function whole(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('Expected a whole number from 1.');
  return number;
}
