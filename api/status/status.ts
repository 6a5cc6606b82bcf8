import { deniedUpstreams } from '../../model/binding/unserved.ts';
import type { Context } from '../context.ts';
import { inSlices } from '../pace.ts';
import { Problem } from '../problem.ts';
import { changedUnserved } from './changed-unserved.ts';
import { closedServers } from './closed-ports.ts';
import { progress } from './progress.ts';
import { unservedGateways, unservedRoutes } from './unserved.ts';

/**
 * Where a revision is on each node, what earlier ones left rejected, and what of it is served at all: gateways, their
 * servers and hosts that no fleet serves, hosts of routes that no gateway admits, endpoints that a fleet denies.
 *
 * @throws Problem `not-found`, `revision-pruned`
 */
export async function status(
  ctx: Context,
  { tenant, revision, signal }: { tenant: string; revision: number; signal: AbortSignal },
) {
  // A status may need much time and memory. So only one per tenant is computed at a time, and none for a client that
  // disconnected.
  const work = () => {
    if (signal.aborted) throw new Problem('request-timeout', { detail: 'the client closed the connection' });
    return statusOf(ctx, { tenant, revision });
  };
  return ctx.services.statuses ? ctx.services.statuses.take(tenant, work) : work();
}

async function statusOf(ctx: Context, { tenant, revision }: { tenant: string; revision: number }) {
  const { configuration } = await ctx.services.heads.at(tenant, revision);
  const { all } = await ctx.services.fleets.current(ctx.now);
  const { state, fleets, closed, standing: closedBefore } = await progress(ctx.services, tenant, revision);
  const unserved = await changedUnserved(ctx.services, tenant, revision, configuration);
  const standing = [...(await ctx.store.rejections.listStanding(tenant, revision)), ...closedBefore];
  const shut = await closedServers(ctx.services, tenant, configuration, closed);
  const served = { configuration, tenant, fleets: all, shut };
  return {
    revision,
    state: unserved ? ('unserved' as const) : state,
    stillRejected: standing.map(({ revision, fleet, node, resource, path, message, at }) => ({
      revision,
      fleet,
      node,
      resource,
      path,
      message,
      at: new Date(at).toISOString(),
    })),
    gateways: await unservedGateways(served),
    routes: await unservedRoutes(served),
    upstreams: await inSlices(deniedUpstreams(configuration, tenant, all)),
    fleets: fleets.map(({ nodes, ...fleet }) => ({
      ...fleet,
      nodes: nodes.map(({ rejections, lastSeenAt, ...node }) => ({
        ...node,
        lastSeenAt: new Date(lastSeenAt).toISOString(),
        rejections: rejections.map(({ resource, path, message, at }) => ({
          resource,
          path,
          message,
          at: new Date(at).toISOString(),
        })),
      })),
    })),
  };
}
