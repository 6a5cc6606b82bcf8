/** Where the hosts of routes meet the hosts of gateways, whatever the fleets: what a route's status shows (PRODUCT S4). */
import { type Doors, doorsOf } from './bind.ts';
import type { Configuration } from './configuration.ts';
import type { HostPattern } from './host.ts';

export interface HostBinding {
  host: HostPattern;
  bound: { gateway: string; port: number; protocol: 'HTTP' | 'HTTPS'; host: HostPattern }[];
  /** When nothing is bound: why. */
  reason?: string;
}

/** Each host of each of these routes. */
export function bindings(
  configuration: Configuration,
  routes = configuration.names('route'),
): Map<string, HostBinding[]> {
  const doors = new Map(configuration.names('gateway').map((name) => [name, doorsOf(configuration, name)]));
  return new Map(routes.map((name) => [name, bindingsOf(configuration, doors, name)]));
}

/** Each host of one route. */
export function routeBindings(configuration: Configuration, route: string): HostBinding[] {
  const gateways = configuration.get('route', route)?.gateways ?? [];
  return bindingsOf(configuration, new Map(gateways.map((name) => [name, doorsOf(configuration, name)])), route);
}

function bindingsOf(configuration: Configuration, doors: Map<string, Doors>, name: string): HostBinding[] {
  const route = configuration.get('route', name);
  if (!route) return [];
  return route.hosts.map((host) => {
    const bound = new Map<string, HostBinding['bound'][number]>();
    for (const gateway of route.gateways) {
      for (const [door, common] of doors.get(gateway)?.meeting(host) ?? []) {
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
      : { host, bound: [], reason: unbound(configuration, route.gateways, host) };
  });
}

function unbound(configuration: Configuration, gateways: string[], host: HostPattern): string {
  const missing = gateways.filter((gateway) => !configuration.has('gateway', gateway));
  if (missing.length === gateways.length) return `there is no gateway ${missing.join(', ')}`;
  return `no server of ${gateways.join(', ')} admits ${host}`;
}
