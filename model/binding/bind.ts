/** Which hosts are served where, by which routes: gateways opened by fleets, met by routes. */
import type { Configuration } from '../configuration.ts';
import { type Fleet, offers, refusal, selects } from '../fleet.ts';
import { DEFAULT_ESCAPED_SLASHES, type EscapedSlashes } from '../kinds/gateway.ts';
import { candidates, type HostPattern, WILDCARD_STEPS } from '../values/host.ts';
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

/** Where a scope is. */
export type Place = Pick<Scope, 'port' | 'host'>;

/**
 * What one fleet serves of one tenant, found by port and host. Each scope is computed when it is asked for: the routes
 * of all scopes together may be as many as hosts times routes.
 */
export class Served {
  readonly #opened: Openings;
  readonly #routes: RoutesByHost;
  readonly #scopes = new Map<string, Scope>();
  #places: Place[] | undefined;

  constructor(opened: Openings, routes: RoutesByHost) {
    this.#opened = opened;
    this.#routes = routes;
  }

  /** All scopes by port, then host. */
  get scopes(): Scope[] {
    return [...this.#all()]
      .sort((a, b) => a.port - b.port || (a.host < b.host ? -1 : 1))
      .map(({ port, host }) => this.scope(port, host)!);
  }

  get ports(): Iterable<number> {
    return this.#opened.keys();
  }

  scope(port: number, host: HostPattern): Scope | undefined {
    const key = `${port}|${host}`;
    const known = this.#scopes.get(key);
    if (known) return known;
    const opening = this.#openingAt(port, host);
    if (!opening) return undefined;
    const { protocol, credentialName, escapedSlashes, gateways } = opening;
    const scope = {
      port,
      protocol,
      host,
      ...(credentialName !== undefined && { credentialName }),
      escapedSlashes,
      routes: routesFor(host, gateways, this.#routes),
    };
    this.#scopes.set(key, scope);
    return scope;
  }

  /** Those that Envoy has to know: with routes, or below a wildcard with routes, which would answer in their place. */
  *answering(): Generator<Place> {
    // Very many hosts may be below one wildcard.
    const wildcards = new Map<string, boolean>();
    for (const place of this.#all()) {
      const { port, host } = place;
      for (const above of candidates(host)) {
        const isAnswering =
          above === host
            ? this.#hasRoutes(port, host)
            : entry(wildcards, `${port}|${above}`, () => this.#hasRoutes(port, above));
        if (!isAnswering) continue;
        yield place;
        break;
      }
    }
  }

  /** Those for which a certificate is shown. */
  *secured(): Generator<Place> {
    for (const place of this.#all())
      if (nearest(this.#opened.get(place.port)!, place.host)?.credentialName !== undefined) yield place;
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

  /** The certificate of the scope, without its routes. */
  credentialAt(port: number, host: HostPattern): string | undefined {
    return this.#openingAt(port, host)?.credentialName;
  }

  /** Hosts that share their rules: the admitted ones, and the routes' hosts within them. */
  #all(): readonly Place[] {
    if (this.#places) return this.#places;
    const places: Place[] = [];
    for (const [port, opened] of this.#opened) {
      for (const host of opened.keys()) places.push({ port, host });
      for (const [host, byGateway] of this.#routes)
        if (!opened.has(host) && meets(byGateway, nearest(opened, host)?.gateways)) places.push({ port, host });
    }
    this.#places = places;
    return places;
  }

  #hasRoutes(port: number, host: HostPattern): boolean {
    const opening = this.#openingAt(port, host);
    if (!opening) return false;
    for (const above of candidates(host)) if (meets(this.#routes.get(above), opening.gateways)) return true;
    return false;
  }

  #openingAt(port: number, host: HostPattern): Opening | undefined {
    const opened = this.#opened.get(port);
    if (!opened) return undefined;
    const own = opened.get(host);
    if (own) return own;
    const byGateway = this.#routes.get(host);
    const above = byGateway && nearest(opened, host);
    return above && meets(byGateway, above.gateways) ? above : undefined;
  }
}

interface Remembered {
  tenant: string;
  fleet: Fleet;
  opened: Openings;
  byRoutes: WeakMap<object, Served>;
}

/**
 * The last answer, by gateways and routes: an agent has one fleet, and asks for each host separately. A change of other
 * kinds keeps it.
 */
const remembered = new WeakMap<object, Remembered>();

export function serve(configuration: Configuration, tenant: string, fleet: Fleet): Served {
  const gateways = configuration.identity('gateway');
  const routes = configuration.identity('route');
  let last = remembered.get(gateways);
  if (last?.fleet !== fleet || last.tenant !== tenant)
    last = { tenant, fleet, opened: openings(configuration, tenant, fleet), byRoutes: new WeakMap() };
  remembered.set(gateways, last);
  let served = last.byRoutes.get(routes);
  if (!served) last.byRoutes.set(routes, (served = new Served(last.opened, routesByHost(configuration))));
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

/** Names of routes by their own host, then by gateway. */
type RoutesByHost = Map<HostPattern, RoutesByGateway>;
type RoutesByGateway = Map<string, string[]>;

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
    for (const host of hosts) {
      const there = entry(all, host, (): RoutesByGateway => new Map());
      for (const gateway of gateways) entry(there, gateway, (): string[] => []).push(name);
    }
  }
  return all;
}

function nearest(opened: ReadonlyMap<HostPattern, Opening>, host: HostPattern): Opening | undefined {
  for (const above of candidates(host)) {
    const opening = opened.get(above);
    if (opening) return opening;
  }
  return undefined;
}

/** In order of precedence. */
function routesFor(host: HostPattern, gateways: ReadonlySet<string>, routes: RoutesByHost): string[] {
  const all = new Set<string>();
  for (const above of candidates(host)) {
    const byGateway = routes.get(above);
    if (!byGateway) continue;
    const there: string[] = [];
    for (const gateway of common(byGateway, gateways)) for (const name of byGateway.get(gateway)!) there.push(name);
    for (const name of there.sort()) all.add(name);
  }
  return [...all];
}

function meets(byGateway: RoutesByGateway | undefined, gateways: ReadonlySet<string> | undefined): boolean {
  if (!byGateway || !gateways) return false;
  for (const _ of common(byGateway, gateways)) return true;
  return false;
}

/** There may be very many of either: the fewer are gone through. */
function* common(byGateway: RoutesByGateway, gateways: ReadonlySet<string>): Generator<string> {
  if (byGateway.size <= gateways.size) {
    for (const gateway of byGateway.keys()) if (gateways.has(gateway)) yield gateway;
  } else for (const gateway of gateways) if (byGateway.has(gateway)) yield gateway;
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
  const ports = port === undefined ? [...served.ports].sort((a, b) => a - b) : [port];
  for (const host of candidates(sni)) {
    for (const each of ports) {
      const credential = served.credentialAt(each, host);
      if (credential !== undefined) return credential;
    }
  }
  return undefined;
}
