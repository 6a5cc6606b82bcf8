import { createRequire } from 'node:module';
import type { Processes } from '../processes.ts';
import { createTenant } from '../seed.ts';
import { startStack } from '../stack.ts';
import { routeSpec } from '../workload.ts';
import type { Peer, Running } from './peer.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** API, agent and Envoy, each change durable before it is acknowledged. */
export function gatehouse(binary: string): Peer {
  return {
    name: 'Gatehouse',
    version: async () => ({ version }),
    open: (tenants, processes) => open(binary, tenants, processes),
  };
}

async function open(binary: string, tenants: number, processes: Processes): Promise<Running> {
  const { api, agent, envoy, publicPort } = await startStack({ binary, tenants, https: false }, processes);
  const control = await api.connect();
  return {
    publicPort,
    groups: () => [api.pid, agent.pid, envoy.pid],
    put: async (tenant, at) => {
      await control.request('PUT', `/v1/tenants/${tenant}/routes/main`, routeSpec(tenant, at));
    },
    create: (tenant) => createTenant(control, tenant, undefined),
    stop: async () => {
      control.close();
      await Promise.all([envoy.stop(), agent.stop(), api.stop()]);
    },
    start: async () => {
      envoy.start();
      await Promise.all([api.start(), agent.start()]);
    },
  };
}
