import { bindings, type HostBinding } from '../../model/bindings.ts';
import { gatewayService, servedBinding } from '../../model/served.ts';
import type { Context } from '../context.ts';
import { Pace } from '../pace.ts';
import { closedServers } from './closed-ports.ts';
import { progress } from './progress.ts';
import { read } from './read.ts';

/** Of one host of a route: a wildcard may be bound to very many hosts of a gateway. */
const MOST_BOUND = 100;

/**
 * Where a revision is on each node, what earlier ones left rejected, and what of it is served at all: gateways, their
 * servers and hosts that no fleet serves, hosts of routes that no gateway admits.
 *
 * @throws Problem `not-found`, `revision-pruned`
 */
export async function status(ctx: Context, { tenant, revision }: { tenant: string; revision: number }) {
  ctx.authorize('tenant:read', { tenant });
  await read(ctx, { tenant, revision });
  const { configuration } = await ctx.house.heads.at(tenant, revision);
  const { all } = await ctx.house.fleets.current(ctx.now);
  const { state, fleets, closed, standing: closedBefore } = await progress(ctx.house, tenant, revision);
  const standing = [...(await ctx.store.standingRejections(tenant, revision)), ...closedBefore];
  const shut = await closedServers(ctx.house, tenant, configuration, closed);
  const closedOn = (gateway: string, port?: number) =>
    shut
      .filter((server) => server.gateway === gateway && (port === undefined || server.port === port))
      .map(({ port, fleet, node, message }) => `port ${port} is closed on ${fleet}/${node}: ${message}`);
  const gateways = [...configuration.entries('gateway')].map(([name, gateway]) => {
    const { reason, ...service } = gatewayService(gateway, tenant, all);
    const reasons = reason === undefined ? closedOn(name) : [reason];
    return { name, ...service, ...(reasons.length > 0 && { reason: reasons.join('; ') }) };
  });
  const hostView = (binding: HostBinding) => {
    const { bound, ...host } = servedBinding(binding, configuration, tenant, all);
    const listed = bound.slice(0, MOST_BOUND).map((at) => {
      const reasons = closedOn(at.gateway, at.port);
      return { ...at, ...(reasons.length > 0 && { reason: reasons.join('; ') }) };
    });
    return { ...host, bound: listed, ...(bound.length > listed.length && { moreBound: bound.length - listed.length }) };
  };
  const pace = new Pace();
  const routes = [];
  for (const [name, hosts] of bindings(configuration)) {
    routes.push({ name, hosts: hosts.map(hostView) });
    if (pace.isDue) await pace.rest();
  }
  return {
    revision,
    state,
    stillRejected: standing.map(({ revision, fleet, node, resource, path, message, at }) => ({
      revision,
      fleet,
      node,
      resource,
      path,
      message,
      at: new Date(at).toISOString(),
    })),
    gateways,
    routes,
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
