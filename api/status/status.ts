import { deniedUpstreams } from '../../model/binding/unserved.ts';
import type { Context } from '../context.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { inSlices } from '../pace.ts';
import { combinedNow } from '../publishing/sharing/owners.ts';
import { read } from '../tenants/read.ts';
import { whyClosed } from '../tenants/why-closed.ts';
import { attachments, withHolders } from './attached.ts';
import { changedUnserved } from './changed-unserved.ts';
import { closedServers } from './closed-ports.ts';
import { withDelegations } from './delegations.ts';
import { progress } from './progress.ts';
import { unservedGateways, unservedRoutes } from './unserved.ts';
import { rejectionView, standingView } from './view.ts';

/**
 * Computes the status of a revision: its state on each node, the rejections of earlier revisions that still apply, and
 * the parts of it that no fleet serves. These parts are gateways, servers and hosts that no fleet serves, hosts of
 * routes that no gateway admits, and endpoints that a fleet denies.
 *
 * @param input.signal aborted when the client disconnects
 * @throws Problem `not-found`, `revision-pruned`, and `request-timeout` when the client has disconnected
 */
export async function status(
  ctx: Context,
  { tenant, revision, signal }: { tenant: string; revision: number; signal: AbortSignal },
) {
  // A status may need much time and memory. So the API computes only one status per tenant at a time, and computes none
  // for a client that has disconnected.
  return oneAtATime(ctx, tenant, signal, () => statusOf(ctx, { tenant, revision }));
}

/** Computes the status in the form that the response shows. */
async function statusOf(ctx: Context, { tenant, revision }: { tenant: string; revision: number }) {
  const { configuration, isClosed } = await ctx.services.heads.at(tenant, revision);
  const suspension = isClosed ? whyClosed(ctx.services.settings, await read(ctx, { tenant })) : undefined;
  const { all } = await ctx.services.fleets.of(tenant, ctx.now);
  const { state, fleets, closed, standing: closedBefore } = await progress(ctx.services, tenant, revision);
  const unserved = await changedUnserved(ctx.services, tenant, revision, configuration);
  const standing = [...(await ctx.store.rejections.listStanding(tenant, revision)), ...closedBefore];
  const combined = await combinedNow(ctx.services, tenant, configuration);
  const shut = await closedServers(ctx.services, tenant, combined, closed);
  const attached = await attachments(ctx.services, tenant, configuration);
  const served = { configuration, tenant, fleets: all, shut };
  const bound = await unservedRoutes({ ...served, configuration: combined });
  const routes = withHolders(bound, configuration, attached);
  return {
    revision,
    state: unserved ? ('unserved' as const) : state,
    ...(suspension !== undefined && { suspension }),
    stillRejected: standing.map(standingView),
    gateways: await unservedGateways(served),
    routes: await withDelegations(ctx.services, tenant, configuration, combined, routes),
    ...(attached.list.length > 0 && { attached: attached.list }),
    upstreams: await inSlices(deniedUpstreams(combined, tenant, all)),
    fleets: fleets.map(({ nodes, ...fleet }) => ({
      ...fleet,
      nodes: nodes.map(({ rejections, lastSeenAt, ...node }) => ({
        ...node,
        lastSeenAt: new Date(lastSeenAt).toISOString(),
        rejections: rejections.map(rejectionView),
      })),
    })),
  };
}
