/** Which hosts are served where, by which routes: gateways opened by fleets, met by routes. */
import type { Configuration } from './configuration.ts';
import { type Fleet, offers, refusal, selects } from './fleet.ts';
import { DEFAULT_ESCAPED_SLASHES, type EscapedSlashes } from './gateway.ts';
import { candidates, compareSpecificity, type HostPattern, WILDCARD_STEPS } from './host.ts';
import type { HostIndex } from './host-index.ts';

/** One (port, host) a fleet answers for a tenant. Without routes it is admitted but answers 404. */
export interface Scope {
  port: number;
  protocol: 'HTTP' | 'HTTPS';
  host: HostPattern;
  /** HTTPS only: the certificate of the most specific server host that admits this one. */
  credentialName?: string;
  escapedSlashes: EscapedSlashes;
  /** In order of precedence: the more specific own host first, then by name. */
  routes: string[];
}

/** A host of a server: the door a route's host may go through. */
export interface Door {
  gateway: string;
  server: number;
  host: HostPattern;
}

/** The doors of one gateway. */
export type Doors = HostIndex<Door>;

/** What one fleet serves of one tenant, found by port and host. */
export class Served {
  readonly #scopes = new Map<string, Scope>();

  constructor(scopes: Iterable<Scope>) {
    for (const scope of scopes) this.#scopes.set(`${scope.port}|${scope.host}`, scope);
  }

  /** By port, then host. */
  get scopes(): Scope[] {
    return [...this.#scopes.values()].sort((a, b) => a.port - b.port || (a.host < b.host ? -1 : 1));
  }

  scope(port: number, host: HostPattern): Scope | undefined {
    return this.#scopes.get(`${port}|${host}`);
  }

  /**
   * Those that Envoy has to know: with routes, or below a wildcard with routes, which would answer in their place. By
   * port, then host.
   */
  get answering(): Scope[] {
    return this.scopes.filter(({ port, host, routes }) => {
      if (routes.length > 0) return true;
      for (const above of candidates(host)) if (this.scope(port, above)?.routes.length) return true;
      return false;
    });
  }

  /**
   * The most specific scope that serves a request for `host`, already normalised.
   *
   * @param steps wildcards that are tried above the host
   */
  scopeFor(port: number, host: string, steps = WILDCARD_STEPS): Scope | undefined {
    let left = steps;
    for (const candidate of candidates(host)) {
      const scope = this.scope(port, candidate);
      if (scope) return scope;
      if (left-- === 0) return undefined;
    }
    return undefined;
  }
}

interface Remembered {
  tenant: string;
  fleet: Fleet;
  served: Served;
}

/**
 * The last answer, by gateways and routes: an agent has one fleet, and asks for each host separately. A change of other
 * kinds keeps it.
 */
const remembered = new WeakMap<object, WeakMap<object, Remembered>>();

export function serve(configuration: Configuration, tenant: string, fleet: Fleet): Served {
  const gateways = configuration.identity('gateway');
  const byRoutes = remembered.get(gateways) ?? new WeakMap<object, Remembered>();
  remembered.set(gateways, byRoutes);
  const last = byRoutes.get(configuration.identity('route'));
  if (last && last.fleet === fleet && last.tenant === tenant) return last.served;
  const served = new Served(bind(configuration, tenant, fleet));
  byRoutes.set(configuration.identity('route'), { tenant, fleet, served });
  return served;
}

/** A host of a port, with the settings that all servers which admit it share. */
interface Opening {
  protocol: Scope['protocol'];
  credentialName?: string;
  escapedSlashes: EscapedSlashes;
  gateways: Set<string>;
}

/** Openings by port, then host. */
type Openings = Map<number, Map<HostPattern, Opening>>;

/** Names of routes by their own host, by gateway. */
type RoutesByHost = Map<string, Map<HostPattern, string[]>>;

function bind(configuration: Configuration, tenant: string, fleet: Fleet): Scope[] {
  const routes = routesByHost(configuration);
  return [...openings(configuration, tenant, fleet)].flatMap(([port, opened]) =>
    [...hostsOf(opened, routes)].map((host) => {
      const { protocol, credentialName, escapedSlashes, gateways } = nearest(opened, host)!;
      return {
        port,
        protocol,
        host,
        ...(credentialName !== undefined && { credentialName }),
        escapedSlashes,
        routes: routesFor(host, gateways, routes),
      };
    }),
  );
}

function openings(configuration: Configuration, tenant: string, fleet: Fleet): Openings {
  const all: Openings = new Map();
  for (const [name, gateway] of configuration.entries('gateway')) {
    if (!selects(gateway, tenant, fleet)) continue;
    for (const { port, hosts, tls, escapedSlashes = DEFAULT_ESCAPED_SLASHES } of gateway.servers) {
      if (!offers(fleet, port)) continue;
      const opened = entry(all, port.number, () => new Map<HostPattern, Opening>());
      for (const host of hosts) {
        // Gateways may predate the fleet's rules: hosts the fleet does not serve now are not opened.
        if (refusal(fleet, host)) continue;
        const opening = entry(
          opened,
          host,
          (): Opening => ({
            protocol: port.protocol,
            escapedSlashes,
            gateways: new Set(),
          }),
        );
        opening.gateways.add(name);
        if (tls) opening.credentialName ??= tls.credentialName;
      }
    }
  }
  return all;
}

function routesByHost(configuration: Configuration): RoutesByHost {
  const all: RoutesByHost = new Map();
  for (const [name, { hosts, gateways }] of configuration.entries('route')) {
    for (const gateway of gateways) {
      const there = entry(all, gateway, () => new Map<HostPattern, string[]>());
      for (const host of hosts) entry(there, host, (): string[] => []).push(name);
    }
  }
  return all;
}

/** Hosts that share their rules: the admitted ones, and the routes' hosts within them. */
function hostsOf(opened: ReadonlyMap<HostPattern, Opening>, routes: RoutesByHost): Set<HostPattern> {
  const hosts = new Set(opened.keys());
  for (const [gateway, byHost] of routes)
    for (const host of byHost.keys()) if (nearest(opened, host)?.gateways.has(gateway)) hosts.add(host);
  return hosts;
}

function nearest(opened: ReadonlyMap<HostPattern, Opening>, host: HostPattern): Opening | undefined {
  for (const above of candidates(host)) {
    const opening = opened.get(above);
    if (opening) return opening;
  }
  return undefined;
}

/** In order of precedence. */
function routesFor(host: HostPattern, gateways: Iterable<string>, routes: RoutesByHost): string[] {
  const own = new Map<string, HostPattern>();
  for (const above of candidates(host))
    for (const gateway of gateways)
      for (const name of routes.get(gateway)?.get(above) ?? []) if (!own.has(name)) own.set(name, above);
  return [...own]
    .sort(([a, ownA], [b, ownB]) => compareSpecificity(ownA, ownB) || (a < b ? -1 : 1))
    .map(([name]) => name);
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

/**
 * The certificate to show to a client that asks for `sni` (normalised). Without `port` any HTTPS port that admits the name will
 * do, the lowest first: Envoy asks for a secret by name alone.
 */
export function certificateFor(served: Served, sni: string, port?: number): string | undefined {
  const ports = port === undefined ? [...new Set(served.scopes.map((scope) => scope.port))] : [port];
  for (const host of candidates(sni)) {
    for (const each of ports) {
      const credential = served.scope(each, host)?.credentialName;
      if (credential !== undefined) return credential;
    }
  }
  return undefined;
}
