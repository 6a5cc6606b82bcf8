import { cold } from './cold.ts';
import { type Each, type House, openHouse } from './house.ts';
import type { Processes } from './processes.ts';
import { round } from './statistics.ts';
import { residentMb } from './usage.ts';
import { firstAnswer, Visitor } from './visitor.ts';
import { hostName, tenantName } from './workload.ts';

export interface RestartsOptions {
  binary: string;
  tenants: number;
  /** Tenants that are visited before Envoy restarts, and all at once after. */
  active: number;
  https: boolean;
}

export interface RestartsResult {
  tenants: number;
  active: number;
  https: boolean;
  /** Until each is back: the API on its database, the agent on its replica, Envoy until it serves a tenant. */
  cold_s: Each;
  agent_from_nothing: { first_tenant_s: number; complete_s: number; tenants_per_s: number };
  rewarm: { errors: number; hosts_per_s: number };
  envoy_mb: { idle: number; active: number };
  envoy_kb_per_active_tenant: number;
}

const VISITORS = 32;

/** Stops and starts each process, the agent also with its disk lost, and lets every active tenant's visitors come back at once. */
export async function restarts(options: RestartsOptions, processes: Processes): Promise<RestartsResult> {
  const { tenants, https } = options;
  const active = Math.min(options.active, tenants);
  const house = await openHouse(options, processes);
  await house.envoy.stop();
  const agentFromNothing = await emptyDisk(house, tenants);
  const times = await cold(house);
  const before = residentMb(house.envoy.pid);
  const warm = await visitAll(house, active);
  const after = residentMb(house.envoy.pid);
  await house.envoy.stop();
  house.envoy.start();
  await firstAnswer(tenantName(0), undefined, house.door);
  const again = await visitAll(house, active);
  return {
    tenants,
    active,
    https,
    cold_s: times,
    agent_from_nothing: agentFromNothing,
    rewarm: { errors: warm.errors + again.errors, hosts_per_s: again.perSecond },
    envoy_mb: { idle: before, active: after },
    envoy_kb_per_active_tenant: round(((after - before) * 1000) / active),
  };
}

/** The agent with its replica lost; a new Envoy waits for the last tenant that the snapshot tells. */
async function emptyDisk({ agent, envoy, door }: House, tenants: number) {
  await agent.stop();
  agent.loseDisk();
  const started = performance.now();
  const complete = agent.start();
  envoy.start();
  const first = ((await firstAnswer(tenantName(0), undefined, door)) - started) / 1000;
  const seconds = await complete;
  return { first_tenant_s: round(first), complete_s: round(seconds), tenants_per_s: Math.round(tenants / seconds) };
}

/** One visit to each of the first `count` tenants, many at a time. */
export async function visitAll({ door }: House, count: number): Promise<{ errors: number; perSecond: number }> {
  let next = 0;
  let errors = 0;
  const started = performance.now();
  const visit = async () => {
    while (next < count) {
      const host = hostName(tenantName(next++));
      try {
        const visitor = await Visitor.to(host, door);
        if ((await visitor.visit()).status !== 200) errors++;
        visitor.close();
      } catch {
        errors++;
      }
    }
  };
  await Promise.all(Array.from({ length: VISITORS }, visit));
  return { errors, perSecond: Math.round((count * 1000) / (performance.now() - started)) };
}
