/** Determines whether fleets serve the resources that a revision changed. */
import type { Configuration } from '../configuration.ts';
import { type Fleet, offers, refusal, selects } from '../fleet.ts';
import type { Gateway, Server } from '../kinds/gateway.ts';
import { canReferTo, hostsIn, isSelectedKind, type Kind, kindIds, refersTo, type SpecOf } from '../kinds/index.ts';
import type { Pausable } from '../pausable.ts';
import { type HostPattern, intersect } from '../values/host.ts';
import { resourceName } from '../violations.ts';
import { only } from './bound-servers.ts';
import { hasMesh, isInMesh, servesMesh } from './mesh.ts';

/**
 * `served`: a fleet serves at least one of the resources. `unserved`: no fleet serves any of them. `unused`: there is
 * nothing to serve, because the resources do not exist, or no route or gateway refers to them.
 */
export type Serving = 'served' | 'unserved' | 'unused';

/**
 * Returns whether fleets serve at least one of these resources. It pauses at least once per resource.
 *
 * @param changed the resources that a revision changed; those that no longer exist count as unused
 */
export function* servingOf(
  configuration: Configuration,
  tenant: string,
  fleets: readonly Fleet[],
  changed: readonly { kind: Kind; name: string }[],
): Pausable<Serving> {
  let found: Serving = 'unused';
  const used = new Set<string>();
  for (const { kind, name } of changed) {
    yield;
    if (!standsAlone(kind)) {
      used.add(resourceName(kind, name));
      continue;
    }
    const spec = configuration.get(kind, name);
    if (spec === undefined) continue;
    if (yield* isResourceServed(configuration, tenant, fleets, kind, name, spec)) return 'served';
    found = 'unserved';
  }
  if (used.size === 0) return found;
  // An upstream is served through the routes that use it, and a certificate through its gateways.
  for (const kind of kindIds.filter(standsAlone)) {
    for (const [name, spec] of configuration.entries(kind)) {
      yield;
      if (!refersTo(kind, spec).some((each) => used.has(resourceName(each.kind, each.name)))) continue;
      if (yield* isResourceServed(configuration, tenant, fleets, kind, name, spec)) return 'served';
      found = 'unserved';
    }
  }
  return found;
}

/**
 * Whether a kind leads to fleets: its resources select fleets, or refer to a resource that selects fleets. Resources of
 * other kinds are served with the resources that refer to them.
 */
const standsAlone = (kind: Kind): boolean =>
  isSelectedKind(kind) || kindIds.some((to) => isSelectedKind(to) && canReferTo(kind, to));

/**
 * Whether fleets serve at least one host of every server of every gateway, and the mesh if a route is bound to it. Every change of the configuration is served
 * then. It pauses once per gateway.
 */
export function* isAllServed(
  configuration: Configuration,
  tenant: string,
  fleets: readonly Fleet[],
): Pausable<boolean> {
  if (hasMesh(configuration) && !fleets.some((fleet) => servesMesh(fleet, tenant))) return false;
  for (const [, gateway] of configuration.entries('gateway')) {
    yield;
    const selected = fleets.filter((fleet) => selects(gateway, tenant, fleet));
    if (!gateway.servers.every((server) => isServerServed(server, selected))) return false;
  }
  return true;
}

/** Whether a fleet serves a part of a gateway: at least one host of one server. */
export function isServed(gateway: Gateway, tenant: string, fleets: readonly Fleet[]): boolean {
  const selected = fleets.filter((fleet) => selects(gateway, tenant, fleet));
  return selected.length > 0 && gateway.servers.some((server) => isServerServed(server, selected));
}

/** Whether one of these fleets offers the port of the server and serves at least one of its hosts. */
const isServerServed = (server: Server, selected: readonly Fleet[]): boolean =>
  selected.some(
    (fleet) =>
      offers(fleet, server) && server.hosts.some((host) => refusal(fleet, host, server.port.protocol) === undefined),
  );

function* isResourceServed<K extends Kind>(
  configuration: Configuration,
  tenant: string,
  fleets: readonly Fleet[],
  kind: K,
  name: string,
  spec: SpecOf<K>,
): Pausable<boolean> {
  const inMesh = kind === 'route' && isInMesh(spec as SpecOf<'route'>);
  if (inMesh && fleets.some((fleet) => servesMesh(fleet, tenant))) return true;
  // A route that gets its requests from other routes names no gateway, so no fleet is the reason why it gets none.
  if ('parents' in spec && spec.parents) return true;
  const gateways = gatewaysOf(configuration, kind, name, spec);
  const servers = gateways.flatMap((gateway) => serversOf(gateway, tenant, fleets));
  const open = servers.filter((each) => each.isServed);
  const hosts = isSelectedKind(kind) ? [] : [...hostsIn(kind, spec)].map(([host]) => host);
  if (hosts.length === 0 || open.length === 0 || open.length === servers.length) return open.length > 0;
  if (yield* overlap(hosts, open)) return true;
  // A route that no server admits counts as served: no fleet is the reason why it has no requests.
  return !(yield* overlap(
    hosts,
    servers.filter((each) => !each.isServed),
  ));
}

/**
 * Returns the gateways through which a resource is served: the resource itself, or the gateways that it names, each with
 * only those servers that it names.
 */
function gatewaysOf<K extends Kind>(configuration: Configuration, kind: K, name: string, spec: SpecOf<K>): Gateway[] {
  const through: { kind: Kind; name: string; tenant?: string; portName?: string }[] = [
    { kind, name },
    ...refersTo(kind, spec),
  ];
  return through.flatMap(({ kind: each, portName, ...named }) => {
    const found = isSelectedKind(each) ? configuration.find({ ...named, kind: each }) : undefined;
    return found ? only(found, portName) : [];
  });
}

function serversOf(
  gateway: Gateway,
  tenant: string,
  fleets: readonly Fleet[],
): { server: Server; isServed: boolean }[] {
  const selected = fleets.filter((fleet) => selects(gateway, tenant, fleet));
  return gateway.servers.map((server) => ({ server, isServed: isServerServed(server, selected) }));
}

function* overlap(hosts: readonly HostPattern[], servers: readonly { server: Server }[]): Pausable<boolean> {
  for (const { server } of servers) {
    for (const admitted of server.hosts) {
      yield;
      if (hosts.some((host) => intersect(host, admitted) !== undefined)) return true;
    }
  }
  return false;
}
