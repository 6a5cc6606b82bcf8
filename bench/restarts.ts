import { cold } from './cold.ts';
import type { Processes } from './processes.ts';
import { type Each, type Stack, startStack } from './stack.ts';
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

/**
 * Stops and starts each process, and the agent also without its replica. After Envoy's restart, the visitors of all
 * active tenants return at once.
 */
export async function restarts(options: RestartsOptions, processes: Processes): Promise<RestartsResult> {
  const { tenants, https } = options;
  const active = Math.min(options.active, tenants);
  const stack = await startStack(options, processes);
  await stack.envoy.stop();
  const agentFromNothing = await emptyDisk(stack, tenants);
  const times = await cold(stack);
  const before = residentMb(stack.envoy.pid);
  const warm = await visitAll(stack, active);
  const after = residentMb(stack.envoy.pid);
  await stack.envoy.stop();
  stack.envoy.start();
  await firstAnswer(tenantName(0), undefined, stack.publicPort);
  const again = await visitAll(stack, active);
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

/** The agent without its replica; a new Envoy waits for the last tenant of the snapshot. */
async function emptyDisk({ agent, envoy, publicPort }: Stack, tenants: number) {
  await agent.stop();
  agent.loseDisk();
  const started = performance.now();
  const complete = agent.start();
  envoy.start();
  const first = ((await firstAnswer(tenantName(0), undefined, publicPort)) - started) / 1000;
  const seconds = await complete;
  return { first_tenant_s: round(first), complete_s: round(seconds), tenants_per_s: Math.round(tenants / seconds) };
}

/** One visit to each of the first `count` tenants, many at a time. */
export async function visitAll({ publicPort }: Stack, count: number): Promise<{ errors: number; perSecond: number }> {
  let next = 0;
  let errors = 0;
  const started = performance.now();
  const visit = async () => {
    while (next < count) {
      const host = hostName(tenantName(next++));
      try {
        const visitor = await Visitor.to(host, publicPort);
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
