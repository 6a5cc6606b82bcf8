import { hostBindings } from '../../model/binding/host-bindings.ts';
import type { Configuration } from '../../model/configuration.ts';
import { isSelectedKind, refersTo } from '../../model/kinds/index.ts';
import type { Services } from '../context.ts';
import { Pace } from '../pace.ts';
import { serves } from '../serving/serving.ts';
import type { Node } from '../store/nodes.ts';
import type { NodeRejection } from '../store/rejections.ts';

/** A port of a fleet on which one of its nodes does not listen. */
export interface ClosedPort {
  fleet: string;
  node: string;
  port: number;
  /** Envoy's own words. */
  message: string;
  /** When the node last reported it. */
  at: number;
}

export const closedPortsOf = ({ fleet, name: node, listenerRejections, lastSeenAt: at }: Node): ClosedPort[] =>
  listenerRejections.flatMap(({ port, message }) =>
    port === undefined ? [] : [{ fleet, node, port, message: message.trim(), at }],
  );

/** A server of a gateway whose port is closed on a node that serves the gateway. */
export interface ClosedServer extends ClosedPort {
  gateway: string;
  server: number;
}

/**
 * The effect of closed ports on a revision. Nothing of the revision is served through a closed port, whatever the node
 * has acknowledged.
 */
export interface PortRejections {
  /** Rejections of changes that the revision itself made. */
  own: NodeRejection[];
  /** Rejections of changes that earlier revisions made. */
  standing: NodeRejection[];
}

/** Computed from what nodes report now, and not stored: when a port opens, every revision on it becomes live. */
export async function portRejections(
  services: Services,
  tenant: string,
  revision: number,
  closed: readonly ClosedPort[],
): Promise<PortRejections> {
  if (closed.length === 0) return { own: [], standing: [] };
  const { configuration } = await services.heads.at(tenant, revision);
  const servers = await closedServers(services, tenant, configuration, closed);
  if (servers.length === 0) return { own: [], standing: [] };
  const changed = await changedServers(services, tenant, revision, configuration);
  const isOwn = ({ gateway, port }: ClosedServer) => changed.has(`${gateway}|${port}`);
  const rejection = ({ fleet, node, gateway, server, message, at }: ClosedServer, of: number): NodeRejection => ({
    ...{ fleet, node, tenant, revision: of, message, at },
    resource: `gateways/${gateway}`,
    path: `/servers/${server}/port/number`,
  });
  const standing = servers
    .filter((server) => !isOwn(server))
    .map(async (server) => {
      const range = { from: 1, to: revision, limit: 1 };
      const [latest = revision] = await services.store.configuration.changedIn(
        tenant,
        { kind: 'gateway', name: server.gateway },
        range,
      );
      return rejection(server, latest);
    });
  return {
    own: servers.filter(isOwn).map((server) => rejection(server, revision)),
    standing: await Promise.all(standing),
  };
}

/**
 * The servers of the tenant's gateways that use these ports, each with the fleet and node on which the port is closed.
 */
export async function closedServers(
  services: Services,
  tenant: string,
  configuration: Configuration,
  closed: readonly ClosedPort[],
): Promise<ClosedServer[]> {
  const { all } = await services.fleets.current(services.clock());
  return [...configuration.entries('gateway')].flatMap(([gateway, spec]) =>
    closed
      .filter(({ fleet }) => all.some((each) => each.name === fleet && serves(each, tenant, spec)))
      .flatMap((port) =>
        spec.servers.flatMap((each, server) => (each.port.number === port.port ? [{ ...port, gateway, server }] : [])),
      ),
  );
}

/** Keys `gateway|port` of everything that the revision changed. */
async function changedServers(
  services: Services,
  tenant: string,
  revision: number,
  configuration: Configuration,
): Promise<Set<string>> {
  const { puts } = await services.store.configuration.changes(tenant, revision - 1, revision);
  const changed = new Set(puts.map(({ kind, name }) => `${kind}/${name}`));
  // A route depends on its upstreams, and a gateway on its certificates. A changed gateway is compared itself.
  const isTouched = (kind: 'route' | 'gateway', name: string) =>
    changed.has(`${kind}/${name}`) ||
    refersTo(kind, configuration.get(kind, name)!).some(
      (reference) => !isSelectedKind(reference.kind) && changed.has(`${reference.kind}/${reference.name}`),
    );
  const touched = new Set<string>();
  for (const [name, { servers }] of configuration.entries('gateway'))
    if (isTouched('gateway', name)) for (const { port } of servers) touched.add(`${name}|${port.number}`);
  const routes = configuration.names('route').filter((name) => isTouched('route', name));
  const pace = new Pace(routes.length);
  for (const found of hostBindings(configuration, routes)) {
    if (pace.isDue) await pace.rest();
    for (const { bound } of found?.[1] ?? []) for (const { gateway, port } of bound) touched.add(`${gateway}|${port}`);
  }
  return touched;
}
