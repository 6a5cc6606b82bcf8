import { join } from 'node:path';
import type { Child } from '../../cli/process/child.ts';
import { Connection, requestText } from '../connection.ts';
import { EnvoyProcess } from '../envoy-process.ts';
import { freePort } from '../ports.ts';
import { type Processes, stop, until } from '../processes.ts';
import type { Peer, Running } from './peer.ts';
import { CONTROL_PLANE, moduleVersion } from './programs.ts';

const NODE = 'peer-envoy';

interface Variant {
  cache: 'linear' | 'snapshot';
  transport: 'delta' | 'sotw';
  /**
   * If true, Envoy loads the routes of a host at its first request, as with Gatehouse. Otherwise it loads all routes,
   * as with most control planes.
   */
  onDemand: boolean;
}

/**
 * go-control-plane's caches in memory, without an API, checks or a database, and a real Envoy with one small resource
 * per tenant.
 */
export function goControlPlanes(binary: string): Peer[] {
  const variants: Variant[] = [
    { cache: 'snapshot', transport: 'sotw', onDemand: false },
    { cache: 'snapshot', transport: 'delta', onDemand: false },
    { cache: 'linear', transport: 'delta', onDemand: false },
    { cache: 'linear', transport: 'delta', onDemand: true },
  ];
  return variants.map((variant) => ({
    name: `go-control-plane ${variant.cache} ${variant.transport}${variant.onDemand ? ', routes on demand' : ''}`,
    version: () => moduleVersion(CONTROL_PLANE, 'github.com/envoyproxy/go-control-plane'),
    open: (tenants, processes) => open(binary, variant, tenants, processes),
  }));
}

async function open(binary: string, variant: Variant, tenants: number, processes: Processes): Promise<Running> {
  const bind = await freePort();
  const control = await freePort();
  const xds = join(processes.folder, 'peer.sock');
  const envoy = new EnvoyProcess(processes, { binary, name: NODE, cluster: NODE, xds, transport: variant.transport });
  const { cache, onDemand } = variant;
  const flags = { cache, node: NODE, tenants, xds, control, bind, 'on-demand': onDemand };
  const args = Object.entries(flags).map(([name, value]) => `-${name}=${value}`);
  let server: Child;
  let changes: Connection | undefined;
  const start = async () => {
    server = processes.start({ name: 'control-plane', command: CONTROL_PLANE, args });
    envoy.start();
    changes = await until('The control plane is ready', () => Connection.open({ host: '127.0.0.1', port: control }), {
      child: server,
      signal: processes.signal,
    });
  };
  const put = async (tenant: string, version: string) => {
    const { status, body } = await changes!.send(
      requestText('PUT', `/tenants/${tenant}?version=${version}`, { host: 'peer' }, ''),
    );
    if (status !== 200) throw new Error(`the control plane answered ${status} ${body}`);
  };
  await start();
  return {
    publicPort: { port: bind },
    groups: () => [server.pid!, envoy.pid],
    put,
    create: (tenant) => put(tenant, 'v0'),
    stop: async () => {
      changes?.close();
      await Promise.all([envoy.stop(), stop(server)]);
    },
    start,
  };
}
