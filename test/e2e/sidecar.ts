import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bootstrap } from '../../dataplane/envoy/bootstrap.ts';
import { findEnvoy } from '../../dataplane/envoy/find.ts';
import { type RunningEnvoy, runEnvoy } from '../envoy/run.ts';
import { Process, until } from './process.ts';
import { freePort, type Stack } from './stack.ts';

/** An agent in the role `sidecar` with its Envoy, on a fleet of one tenant. */
export interface Sidecar {
  outbound: number;
  xds: number;
  agent: Process;
  envoy: RunningEnvoy;
}

/** Creates a fleet for a tenant, and starts a sidecar of it. @param fleet further fields of the fleet */
export async function startSidecar(stack: Stack, tenant: string, fleet: object): Promise<Sidecar> {
  const name = `${tenant}-mesh`;
  const folder = join(stack.folder, name);
  mkdirSync(folder);
  const created = await stack.call('/fleets', {
    method: 'POST',
    body: { name, labels: { role: name }, tenant, ports: [], ...fleet },
  });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const token = await stack.call(`/fleets/${name}/tokens`, { method: 'POST', body: { description: 'sidecar' } });
  const [xds, outbound] = [await freePort(), await freePort()];
  const health = join(folder, 'health.sock');
  const agent = new Process('dataplane/main.ts', {
    GATEHOUSE_API: stack.apiUrl,
    GATEHOUSE_AGENT_TOKEN: token.body.token,
    GATEHOUSE_FLEET: name,
    GATEHOUSE_DATA: join(folder, 'agent'),
    GATEHOUSE_XDS: `127.0.0.1:${xds}`,
    GATEHOUSE_HEALTH: `unix:${health}`,
    GATEHOUSE_ROLE: 'sidecar',
    GATEHOUSE_OUTBOUND: `127.0.0.1:${outbound}`,
  });
  agent.start();
  const { http: get } = await import('./unix.ts');
  await until(`the agent of ${name}`, async () => (await get(health, '/readyz')).status === 200);
  const config = bootstrap({
    node: { id: `${tenant}-1`, cluster: name },
    xds: { address: '127.0.0.1', port: xds },
    admin: { path: join(folder, 'admin.sock') },
    probe: join(folder, 'probe.sock'),
  });
  // These Envoys reject patterns that the API accepts.
  config.layered_runtime = { layers: [{ name: 'test', static_layer: { 're2.max_program_size.error_level': 100 } }] };
  const envoy = await runEnvoy({ binary: await findEnvoy({}), config, folder });
  return { outbound, xds, agent, envoy };
}
