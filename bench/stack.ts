import { AgentProcess } from './agent-process.ts';
import { type ApiPlace, ApiProcess } from './api-process.ts';
import { type Issuer, issuer } from './certificates.ts';
import { EnvoyProcess } from './envoy-process.ts';
import { freePort } from './ports.ts';
import type { Processes } from './processes.ts';
import { createFleet, seed } from './seed.ts';
import { cpuMs, residentMb } from './usage.ts';
import { firstAnswer, type PublicPort } from './visitor.ts';
import { FLEET, tenantName } from './workload.ts';

/** A figure of each process. */
export interface Each {
  api: number;
  agent: number;
  envoy: number;
}

/** API, agent and Envoy, with tenants. */
export interface Stack {
  api: ApiProcess;
  agent: AgentProcess;
  envoy: EnvoyProcess;
  publicPort: PublicPort;
  issuer: Issuer | undefined;
}

export async function startStack(
  {
    binary,
    tenants,
    https,
    idle,
    ...place
  }: { binary: string; tenants: number; https: boolean; idle?: number } & ApiPlace,
  processes: Processes,
): Promise<Stack> {
  const binds = { http: await freePort(), https: await freePort() };
  const api = await ApiProcess.start(processes, place);
  const control = await api.connect();
  const token = await createFleet(control, binds);
  control.close();
  const agent = await AgentProcess.start(processes, { api: api.port, token, idle });
  const envoy = new EnvoyProcess(processes, { binary, name: 'envoy', cluster: FLEET, xds: agent.xds });
  envoy.start();
  const made = https ? await issuer() : undefined;
  const publicPort = made ? { port: binds.https, ca: made.ca } : { port: binds.http };
  const { signal } = processes;
  await seed(api, { first: 0, end: tenants, issue: made?.issue, signal });
  // The feed is in order of commits, and the last tenant to commit need not be the last by name.
  for (const tenant of [tenants - 1, 0]) await firstAnswer(tenantName(tenant), 'v0', publicPort);
  return { api, agent, envoy, publicPort, issuer: made };
}

export const residents = ({ api, agent, envoy }: Stack): Each => ({
  api: api.residentMb(),
  agent: residentMb(agent.pid),
  envoy: residentMb(envoy.pid),
});

export const cpuTimes = ({ api, agent, envoy }: Stack): Each => ({
  api: api.cpuMs(),
  agent: cpuMs(agent.pid),
  envoy: cpuMs(envoy.pid),
});
