import type { Each, Stack } from './stack.ts';
import { round } from './statistics.ts';
import { firstAnswer } from './visitor.ts';
import { tenantName } from './workload.ts';

/** Restart times in seconds: the API on its database, the agent on its replica, Envoy until it serves a tenant. */
export async function cold({ api, agent, envoy, publicPort }: Stack): Promise<Each> {
  await envoy.stop();
  await agent.stop();
  await api.stop();
  const apiSeconds = await api.start();
  const agentSeconds = await agent.start();
  const started = performance.now();
  envoy.start();
  // Any version counts, because the tenant's version depends on the changes before the restart.
  const served = await firstAnswer(tenantName(0), undefined, publicPort);
  return { api: round(apiSeconds), agent: round(agentSeconds), envoy: round((served - started) / 1000) };
}
