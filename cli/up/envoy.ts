import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from '../../dataplane/envoy/bootstrap.ts';
import { until } from '../process/waiting.ts';
import { accepted, type Remote } from '../remote/client.ts';
import { FLEET } from './fleet.ts';
import type { Installation } from './installation.ts';

const SECONDS = 60;
const NODE = 'local';

/**
 * Starts Envoy beside the agent and waits until the API lists it as a node. The supervisor restarts Envoy when it ends,
 * and the agent sends it everything again. Envoy's admin interface and the agent use unix sockets, which no upstream
 * can name.
 */
export async function startEnvoy(binary: string, operator: Remote, installation: Installation): Promise<void> {
  const { supervisor, folder, signal } = installation;
  const { xds, probe, admin } = folder.sockets;
  const file = join(folder.path, 'envoy.json');
  const config = bootstrap({
    node: { id: NODE, cluster: FLEET },
    xds: { path: xds },
    admin: { path: admin },
    probe,
    concurrency: 1,
  });
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  const child = supervisor.start({
    name: 'Envoy',
    command: binary,
    args: ['-c', file, '--concurrency', '1', '--use-dynamic-base-id', '-l', 'warning'],
    log: join(folder.logs, 'envoy.log'),
    // Envoy does not start while the sockets of a killed Envoy exist.
    before: () => {
      for (const socket of [probe, admin]) rmSync(socket, { force: true });
    },
  });
  await until('Envoy did not connect', () => connected(operator), {
    seconds: SECONDS,
    signal,
    details: child.lastLines,
  });
  child.ready();
}

async function connected(operator: Remote): Promise<true | undefined> {
  const answer = await operator.GET('/v1/fleets/{fleet}/nodes', { params: { path: { fleet: FLEET } } });
  const { items } = accepted('Reading the nodes', answer);
  return items.some((node) => node.name === NODE && node.connected) || undefined;
}
