/** Where the hosts of routes meet the hosts of gateways, whatever the fleets: what a route's status shows (PRODUCT S4). */

import type { Configuration } from '../configuration.ts';
import type { Steps } from '../steps.ts';
import { candidates, type HostPattern } from '../values/host.ts';
import { carries } from '../values/labels.ts';
import { enumerate } from '../values/quote.ts';
import type { Door, Doors } from './bind.ts';
import { HostIndex } from './host-index.ts';

export interface HostBinding {
  host: HostPattern;
  bound: { gateway: string; port: number; protocol: 'HTTP' | 'HTTPS'; host: HostPattern }[];
  /** When nothing is bound: why. */
  reason?: string;
}

/**
 * Binds each host of these routes, one route at a time; `undefined` is a pause.
 *
 * @param most places to find for each host: a wildcard may be bound at as many as the gateways have hosts
 */
export function* bindings(
  configuration: Configuration,
  routes = configuration.names('route'),
  most = Number.POSITIVE_INFINITY,
): Generator<[route: string, hosts: HostBinding[]] | undefined> {
  if (routes.length === 0) return;
  const doors = new Map<string, Doors>();
  const byHost = new Map<HostPattern, Door[]>();
  for (const [gateway, { servers }] of configuration.entries('gateway')) {
    const own: Doors = new HostIndex();
    doors.set(gateway, own);
    for (const [server, { hosts }] of servers.entries()) {
      yield;
      for (const host of hosts) {
        const door = { gateway, server, host };
        own.add(host, door);
        const there = byHost.get(host);
        if (there) there.push(door);
        else byHost.set(host, [door]);
      }
    }
  }
  const open: Open = { configuration, doors, byHost, most };
  for (const name of routes) yield [name, yield* bindingsOf(open, name)];
}

interface Open {
  configuration: Configuration;
  /** By gateway. */
  doors: ReadonlyMap<string, Doors>;
  byHost: ReadonlyMap<HostPattern, Door[]>;
  most: number;
}

/** Doors looked at between two pauses. */
const STRIDE = 100;

function* bindingsOf(open: Open, name: string): Steps<HostBinding[]> {
  const { configuration, doors, most } = open;
  const route = configuration.get('route', name);
  if (!route) return [];
  const nearer = new Nearer(open, route.gateways);
  const all: HostBinding[] = [];
  for (const host of route.hosts) {
    const bound = new Map<string, HostBinding['bound'][number]>();
    let inTheWay: Door | undefined;
    let looked = 0;
    yield;
    for (const gateway of route.gateways) {
      for (const [door, common] of doors.get(gateway)?.meeting(host) ?? []) {
        if (bound.size >= most) break;
        if (++looked % STRIDE === 0) yield;
        const rival = nearer.than(door, common);
        inTheWay ??= rival;
        if (rival) continue;
        const { port } = configuration.get('gateway', gateway)!.servers[door.server]!;
        bound.set(`${gateway}|${port.number}|${common}`, {
          gateway,
          port: port.number,
          protocol: port.protocol,
          host: common,
        });
      }
    }
    all.push(
      bound.size > 0
        ? { host, bound: [...bound.values()] }
        : { host, bound: [], reason: unbound(configuration, route.gateways, host, inTheWay) },
    );
  }
  return all;
}

/** Who gets the requests of a host first: a gateway that the route is not bound to; undefined: one of its own. */
type InTheWay = { door: Door | undefined };

/** Finds servers of gateways that one route is not bound to, and that get requests before the route does. */
class Nearer {
  readonly #open: Open;
  readonly #own: ReadonlySet<string>;
  /** By gateway, port and host: very many gateways may have the same host. */
  readonly #known = new Map<string, InTheWay | undefined>();

  constructor(open: Open, own: readonly string[]) {
    this.#open = open;
    this.#own = new Set(own);
  }

  /** A server of another gateway, to which the route is not bound, that gets all requests for `host` first. */
  than(door: Door, host: HostPattern): Door | undefined {
    const { number } = this.#open.configuration.get('gateway', door.gateway)!.servers[door.server]!.port;
    for (const above of candidates(host)) {
      if (above === door.host) return undefined;
      const found = this.#at(above, door.gateway, number);
      if (found) return found.door;
    }
    return undefined;
  }

  #at(host: HostPattern, gateway: string, port: number): InTheWay | undefined {
    const doors = this.#open.byHost.get(host);
    if (!doors) return undefined;
    const key = `${gateway}|${port}|${host}`;
    if (!this.#known.has(key)) this.#known.set(key, this.#look(doors, gateway, port));
    return this.#known.get(key);
  }

  #look(doors: readonly Door[], name: string, port: number): InTheWay | undefined {
    const { configuration } = this.#open;
    const { selector } = configuration.get('gateway', name)!;
    let first: Door | undefined;
    for (const other of doors) {
      const gateway = configuration.get('gateway', other.gateway)!;
      // Then every fleet that serves this gateway also serves the other one.
      if (!carries(selector, gateway.selector) || gateway.servers[other.server]!.port.number !== port) continue;
      if (this.#own.has(other.gateway)) return { door: undefined };
      first ??= other;
    }
    return first && { door: first };
  }
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
