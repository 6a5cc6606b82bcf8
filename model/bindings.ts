/** Where the hosts of routes meet the hosts of gateways, whatever the fleets: what a route's status shows (PRODUCT S4). */
import { type Door, type Doors, doorsOf } from './bind.ts';
import type { Configuration } from './configuration.ts';
import { candidates, type HostPattern } from './host.ts';
import { carries } from './labels.ts';
import { enumerate } from './quote.ts';

export interface HostBinding {
  host: HostPattern;
  bound: { gateway: string; port: number; protocol: 'HTTP' | 'HTTPS'; host: HostPattern }[];
  /** When nothing is bound: why. */
  reason?: string;
}

/** Binds each host of these routes, one route per step. */
export function* bindings(
  configuration: Configuration,
  routes = configuration.names('route'),
): Generator<[route: string, hosts: HostBinding[]]> {
  const doors = new Map(configuration.names('gateway').map((name) => [name, doorsOf(configuration, name)]));
  const byHost = Map.groupBy(
    [...doors.values()].flatMap((each) => [...each]),
    ({ host }) => host,
  );
  const open: Open = { configuration, doors, byHost };
  for (const name of routes) yield [name, bindingsOf(open, name)];
}

interface Open {
  configuration: Configuration;
  /** By gateway. */
  doors: ReadonlyMap<string, Doors>;
  byHost: ReadonlyMap<HostPattern, Door[]>;
}

/** Each host of one route. */
export const routeBindings = (configuration: Configuration, route: string): HostBinding[] =>
  bindings(configuration, [route]).next().value?.[1] ?? [];

function bindingsOf(open: Open, name: string): HostBinding[] {
  const { configuration, doors } = open;
  const route = configuration.get('route', name);
  if (!route) return [];
  return route.hosts.map((host) => {
    const bound = new Map<string, HostBinding['bound'][number]>();
    let nearer: Door | undefined;
    for (const gateway of route.gateways) {
      for (const [door, common] of doors.get(gateway)?.meeting(host) ?? []) {
        const inTheWay = nearerDoor(open, route.gateways, door, common);
        nearer ??= inTheWay;
        if (inTheWay) continue;
        const { port } = configuration.get('gateway', gateway)!.servers[door.server]!;
        bound.set(`${gateway}|${port.number}|${common}`, {
          gateway,
          port: port.number,
          protocol: port.protocol,
          host: common,
        });
      }
    }
    return bound.size > 0
      ? { host, bound: [...bound.values()] }
      : { host, bound: [], reason: unbound(configuration, route.gateways, host, nearer) };
  });
}

/** A server of another gateway, to which the route is not bound, that gets all requests for `host` first. */
function nearerDoor({ configuration, byHost }: Open, own: string[], door: Door, host: HostPattern): Door | undefined {
  const { selector, servers } = configuration.get('gateway', door.gateway)!;
  for (const above of candidates(host)) {
    if (above === door.host) return undefined;
    const doors = (byHost.get(above) ?? []).filter((other) => {
      const gateway = configuration.get('gateway', other.gateway)!;
      // Then every fleet that serves this gateway also serves the other one.
      const together = carries(selector, gateway.selector);
      return together && gateway.servers[other.server]!.port.number === servers[door.server]!.port.number;
    });
    if (doors.length > 0) return doors.some((other) => own.includes(other.gateway)) ? undefined : doors[0];
  }
  return undefined;
}

function unbound(
  configuration: Configuration,
  gateways: string[],
  host: HostPattern,
  nearer: Door | undefined,
): string {
  const missing = gateways.filter((gateway) => !configuration.has('gateway', gateway));
  if (missing.length === gateways.length) return `there is no gateway ${enumerate(missing)}`;
  if (nearer)
    return `the gateway ${nearer.gateway} admits ${nearer.host}, which is nearer, and the route is not bound to that gateway`;
  return `no server of ${enumerate(gateways)} admits ${host}`;
}
