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
  /** Envoy's error message. */
  message: string;
  /** The time when the node last reported the port as closed, in milliseconds since 1970. */
  at: number;
}

/** The largest number of nodes of a fleet whose closed ports are considered. */
export const MOST_CLOSED_NODES = 100;

type RefusingNode = Pick<Node, 'fleet' | 'name' | 'listenerRejections' | 'lastSeenAt'>;

/** Returns the ports of its fleet on which a node does not listen, according to its last report. */
export const closedPortsOf = ({ fleet, name: node, listenerRejections, lastSeenAt: at }: RefusingNode): ClosedPort[] =>
  [...new Map(listenerRejections.map((each) => [each.port, each])).values()].flatMap(({ port, message }) =>
    port === undefined ? [] : [{ fleet, node, port, message: message.trim(), at }],
  );

/** A server of a gateway whose port is closed on a node that serves the gateway. */
export interface ClosedServer extends ClosedPort {
  gateway: string;
  /** The index of the server in the gateway. */
  server: number;
}

/**
 * The closed ports that affect a revision, as rejections. A node serves no part of the revision through a closed port,
 * even if the node has acknowledged the revision.
 */
export interface PortRejections {
  /** Closed ports of servers that the revision itself changed. */
  own: NodeRejection[];
  /** Closed ports of servers that earlier revisions changed. */
  standing: NodeRejection[];
}

/**
 * Finds the closed ports that affect a revision. The API computes this from the latest reports and does not store it.
 * When a node opens the port, every revision that uses the port therefore becomes live.
 *
 * @param closed the closed ports of the fleets that serve the tenant
 * @throws Problem `not-found`, `revision-pruned`
 */
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
  // Many nodes may have closed the same port, so the revision of each gateway is looked up once.
  const others = servers.filter((server) => !isOwn(server));
  const latest = new Map<string, number>();
  for (const name of new Set(others.map(({ gateway }) => gateway))) {
    const range = { from: 1, to: revision, limit: 1 };
    const [found = revision] = await services.store.configuration.changedIn(tenant, { kind: 'gateway', name }, range);
    latest.set(name, found);
  }
  return {
    own: servers.filter(isOwn).map((server) => rejection(server, revision)),
    standing: others.map((server) => rejection(server, latest.get(server.gateway)!)),
  };
}

/**
 * Finds the servers of the tenant's gateways whose port is closed on a node that serves them. The result has one entry
 * per server and node.
 */
export async function closedServers(
  services: Services,
  tenant: string,
  configuration: Configuration,
  closed: readonly ClosedPort[],
): Promise<ClosedServer[]> {
  if (closed.length === 0) return [];
  const { all } = await services.fleets.of(tenant, services.clock());
  const named = new Set(closed.map(({ fleet }) => fleet));
  const fleets = all.filter(({ name }) => named.has(name));
  const closedAt = Map.groupBy(closed, ({ fleet, port }) => `${fleet}|${port}`);
  const found: ClosedServer[] = [];
  for (const [gateway, spec] of configuration.entries('gateway'))
    for (const { name } of fleets.filter((fleet) => serves(fleet, tenant, spec)))
      for (const [server, { port }] of spec.servers.entries()) {
        for (const each of closedAt.get(`${name}|${port.number}`) ?? []) found.push({ ...each, gateway, server });
        if (found.length > MOST_CLOSED) return found;
      }
  return found;
}

/** The number of closed servers from which further ones are not considered. */
const MOST_CLOSED = 1000;

/**
 * Finds the servers that a revision changed, directly or through a route, an upstream or a certificate. Each entry of
 * the result is a key `gateway|port`.
 */
async function changedServers(
  services: Services,
  tenant: string,
  revision: number,
  configuration: Configuration,
): Promise<Set<string>> {
  const { puts } = await services.store.configuration.changes(tenant, revision - 1, revision);
  const changed = new Set(puts.map(({ kind, name }) => `${kind}/${name}`));
  // A route changes with its upstreams, and a gateway with its certificates. A route does not change with its gateways,
  // because changed gateways are in the result already.
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
