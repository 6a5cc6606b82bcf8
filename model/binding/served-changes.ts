/** Whether fleets serve what a revision changed. */
import type { Configuration } from '../configuration.ts';
import { type Fleet, offers, refusal, selects } from '../fleet.ts';
import type { Gateway, Server } from '../kinds/gateway.ts';
import { type Kind, refersTo } from '../kinds/index.ts';
import type { Route } from '../kinds/route.ts';
import type { Steps } from '../steps.ts';
import { intersect } from '../values/host.ts';

/**
 * `unserved`: no fleet serves any of it. `unused`: it is only what no route or gateway refers to, or what does not
 * exist.
 */
export type Service = 'served' | 'unserved' | 'unused';

/** The service of these resources together: one that is served is enough. */
export function* serviceOf(
  configuration: Configuration,
  tenant: string,
  fleets: readonly Fleet[],
  changed: readonly { kind: Kind; name: string }[],
): Steps<Service> {
  let found: Service = 'unused';
  const referred = new Set<string>();
  for (const { kind, name } of changed) {
    yield;
    if (kind === 'upstream' || kind === 'certificate') {
      referred.add(`${kind}/${name}`);
      continue;
    }
    const spec = configuration.get(kind, name);
    if (spec === undefined) continue;
    if (yield* isServed(configuration, tenant, fleets, kind, name)) return 'served';
    found = 'unserved';
  }
  if (referred.size === 0) return found;
  // A change of an upstream is served by the routes that use it, one of a certificate by its gateways.
  for (const kind of ['route', 'gateway'] as const) {
    for (const [name, spec] of configuration.entries(kind)) {
      yield;
      if (!refersTo(kind, spec).some((each) => referred.has(`${each.kind}/${each.name}`))) continue;
      if (yield* isServed(configuration, tenant, fleets, kind, name)) return 'served';
      found = 'unserved';
    }
  }
  return found;
}

/** Whether every server of every gateway is served: then every change is. */
export function* isAllServed(configuration: Configuration, tenant: string, fleets: readonly Fleet[]): Steps<boolean> {
  for (const [, gateway] of configuration.entries('gateway')) {
    yield;
    const selected = fleets.filter((fleet) => selects(gateway, tenant, fleet));
    if (!gateway.servers.every((server) => isOpen(server, selected))) return false;
  }
  return true;
}

/** Whether one of these fleets offers the port of the server and takes at least one of its hosts. */
const isOpen = ({ port, hosts }: Server, selected: readonly Fleet[]): boolean =>
  selected.some((fleet) => offers(fleet, port) && hosts.some((host) => refusal(fleet, host) === undefined));

function* isServed(
  configuration: Configuration,
  tenant: string,
  fleets: readonly Fleet[],
  kind: 'gateway' | 'route',
  name: string,
): Steps<boolean> {
  const route = kind === 'route' ? configuration.get('route', name) : undefined;
  const gateways = (route?.gateways ?? [name]).flatMap((each) => configuration.get('gateway', each) ?? []);
  const servers = gateways.flatMap((gateway) => judged(gateway, tenant, fleets));
  const open = servers.filter((each) => each.isOpen);
  if (!route || open.length === 0 || open.length === servers.length) return open.length > 0;
  if (yield* meets(route, open)) return true;
  // A route that no server admits at all is not left out by a fleet.
  return !(yield* meets(
    route,
    servers.filter((each) => !each.isOpen),
  ));
}

function judged(gateway: Gateway, tenant: string, fleets: readonly Fleet[]): { server: Server; isOpen: boolean }[] {
  const selected = fleets.filter((fleet) => selects(gateway, tenant, fleet));
  return gateway.servers.map((server) => ({ server, isOpen: isOpen(server, selected) }));
}

function* meets({ hosts }: Route, servers: readonly { server: Server }[]): Steps<boolean> {
  for (const { server } of servers) {
    for (const admitted of server.hosts) {
      yield;
      if (hosts.some((host) => intersect(host, admitted) !== undefined)) return true;
    }
  }
  return false;
}
