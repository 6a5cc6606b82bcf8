import type { HealthReport, ReportedHealth } from '../../wire/endpoint-health.ts';
import type { Context } from '../context.ts';
import { absent, Problem } from '../problem.ts';
import type { Head } from '../publishing/heads/head.ts';
import { servingNow } from './write.ts';

/**
 * Stores an agent's report about the health of endpoints.
 *
 * An agent may be wrong, and its token may be in wrong hands. So the report affects only nodes that the agents of this
 * fleet have reported, and upstreams of tenants that the fleet serves. Anything else is dropped.
 *
 * @throws Problem `not-found` when the fleet or the node does not exist
 */
export async function reportOf(ctx: Context, fleet: string, { node, isWhole, clusters }: HealthReport): Promise<void> {
  const known = await ctx.store.nodes.known(fleet, [node]);
  if (known.length === 0) throw absent(`node ${node} of the fleet ${fleet}`);
  const heads = new Map<string, Head | undefined>();
  for (const { tenant } of clusters) if (!heads.has(tenant)) heads.set(tenant, await servedHead(ctx, fleet, tenant));
  const believed = clusters.filter((each) => hasUpstream(heads.get(each.tenant), each));
  await ctx.store.endpointHealth.save({
    fleet,
    node,
    isWhole,
    clusters: believed.map(({ subset = '', ...rest }) => ({ ...rest, subset })),
    at: ctx.now,
  });
}

/** Returns the head of a tenant that the fleet serves; undefined when it serves no such tenant. */
async function servedHead({ services, now }: Context, fleet: string, tenant: string): Promise<Head | undefined> {
  // An agent of one tenant must not make the API load the configurations of others.
  const { tenant: only = tenant } = (await services.fleets.find(fleet, now)) ?? {};
  if (only !== tenant) return undefined;
  try {
    const { head } = await services.heads.look(tenant);
    const { serving } = await servingNow(services, head);
    return serving.some(({ name }) => name === fleet) ? head : undefined;
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return undefined;
    throw error;
  }
}

function hasUpstream(head: Head | undefined, { upstream, subset, endpoints }: ReportedHealth): boolean {
  if (!head) return false;
  const found = head.configuration.get('upstream', upstream);
  // A deleted upstream may only lose what is stored about it.
  if (!found || (subset !== undefined && !found.subsets?.some(({ name }) => name === subset)))
    return endpoints.length === 0;
  return true;
}
