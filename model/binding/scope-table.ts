/** Binds a tenant's routes to the hosts that its gateways admit on one fleet. */
import type { Configuration } from '../configuration.ts';
import type { Fleet } from '../fleet.ts';
import { type HostPattern, patternsCovering, WILDCARD_STEPS } from '../values/host.ts';
import { getOrAdd } from './get-or-add.ts';
import {
  boundRoutes,
  hasRoutes,
  haveSameHosts,
  isBoundAt,
  type KnownBoundRoutes,
  type RoutesByHost,
  routesByHost,
} from './route-hosts.ts';
import type { Scope, ScopePlace } from './scope.ts';
import { type Admission, type Admissions, admissionsOf, decidingAdmission, withMesh } from './server-hosts.ts';
import type { TlsProfile } from './tls-profile.ts';

export type { Scope } from './scope.ts';

/**
 * The scopes of one tenant on one fleet, by port and host. A scope is computed only on request, because all scopes
 * together may have as many routes as hosts times routes.
 *
 * One rule decides which server host admits a host and which routes serve it. The order in which gateways list their
 * hosts does not matter: docs/decisions/0014-exact-beside-wildcard.md.
 */
export class ScopeTable {
  readonly #admissions: Admissions;
  readonly #routes: RoutesByHost;
  readonly #scopes = new Map<string, Scope>();
  readonly #bound: KnownBoundRoutes = new Map();
  #places: ScopePlace[] | undefined;
  #isProfiled: boolean | undefined;
  #isRedirecting: boolean | undefined;

  constructor(admissions: Admissions, routes: RoutesByHost) {
    this.#admissions = admissions;
    this.#routes = routes;
  }

  /** All scopes by port, then host. */
  get scopes(): Scope[] {
    return [...this.#all()]
      .sort((a, b) => a.port - b.port || (a.host < b.host ? -1 : 1))
      .map(({ port, host }) => this.scope(port, host)!);
  }

  /** The ports of all scopes, as gateways name them. */
  get ports(): Iterable<number> {
    return this.#admissions.keys();
  }

  /**
   * Returns the scope of exactly this host; undefined when neither a server nor a route admitted by one has the host.
   */
  scope(port: number, host: HostPattern): Scope | undefined {
    const key = `${port}|${host}`;
    const known = this.#scopes.get(key);
    if (known) return known;
    const admission = this.#admissionAt(port, host);
    if (!admission) return undefined;
    const { protocol, credentialName, profile, httpsRedirect, http3, escapedSlashes } = admission;
    const bound = boundRoutes(host, admission, this.#routes, this.#bound);
    const scope: Scope = {
      port,
      protocol,
      host,
      admission,
      ...(credentialName !== undefined && { credentialName }),
      ...(profile && { profile }),
      ...(httpsRedirect && { httpsRedirect: this.#httpsPort(host) }),
      ...(http3 && { http3 }),
      escapedSlashes,
      routes: bound.map(({ route }) => route),
      bound,
    };
    this.#scopes.set(key, scope);
    return scope;
  }

  /**
   * Lists the scopes that Envoy must have: the scopes with routes; those whose connections are forwarded, or that only
   * connections of their own server may use, which answer 421 to requests on other connections; and the scopes without
   * routes below a wildcard with routes or a TLS profile, or that other tenants may attach. If Envoy lacked a scope
   * without routes, it would serve requests for that host with the routes of the wildcard.
   */
  *envoyScopes(): Generator<ScopePlace> {
    // Very many hosts may be below one wildcard.
    const wildcards = new Map<string, boolean>();
    for (const place of this.#all()) if (this.#isSent(place, wildcards)) yield place;
  }

  /** Whether Envoy has exactly this host: as {@link envoyScopes} lists it, or because of its TLS profile. */
  isInEnvoy(port: number, host: HostPattern): boolean {
    const admission = this.#admissionAt(port, host);
    return admission !== undefined && (admission.profile !== undefined || this.#isSent({ port, host }, new Map()));
  }

  #isSent({ port, host }: ScopePlace, wildcards: Map<string, boolean>): boolean {
    this.#isRedirecting ??= this.#some(({ httpsRedirect }) => httpsRedirect === true);
    // A redirect to https needs no route.
    if (this.#isRedirecting && this.#admissionAt(port, host)?.httpsRedirect) return true;
    for (const above of patternsCovering(host)) {
      const isAnswering =
        above === host
          ? this.#isAnswered(port, host)
          : getOrAdd(
              wildcards,
              `${port}|${above}`,
              () => this.#isAnswered(port, above) || mayAnswer(this.#admissionAt(port, above)),
            );
      if (isAnswering) return true;
    }
    return false;
  }

  /** Lists the scopes that have a certificate. */
  *secured(): Generator<ScopePlace> {
    for (const place of this.#all())
      if (decidingAdmission(this.#admissions.get(place.port)!, place.host)?.credentialName !== undefined) yield place;
  }

  /**
   * Lists the scopes whose connections have a TLS profile. Envoy must have all of them, whether or not they have routes:
   * without routes they answer 404, and not with the routes of a host with other TLS settings.
   */
  *profiled(): Generator<ScopePlace & { profile: TlsProfile }> {
    this.#isProfiled ??= this.#some(({ profile }) => profile !== undefined);
    if (!this.#isProfiled) return;
    for (const place of this.#all()) {
      const profile = decidingAdmission(this.#admissions.get(place.port)!, place.host)?.profile;
      if (profile) yield { ...place, profile };
    }
  }

  /** Returns the TLS profile of connections with this server name; undefined for the default settings. */
  profileAt(port: number, serverName: string): TlsProfile | undefined {
    const onPort = this.#admissions.get(port);
    return onPort && decidingAdmission(onPort, serverName)?.profile;
  }

  /**
   * Lists the server names by which a listener tells the TLS profiles of connections apart: the server hosts that have a
   * profile, and those below a wildcard that has one.
   *
   * @returns each host with its profile; undefined for the default settings
   */
  *serverNames(port: number): Generator<[host: HostPattern, profile: TlsProfile | undefined]> {
    const onPort = this.#admissions.get(port) ?? new Map<HostPattern, Admission>();
    for (const [host, { profile }] of onPort)
      if (profile || [...patternsCovering(host)].some((above) => onPort.get(above)?.profile)) yield [host, profile];
  }

  /**
   * Finds the most specific scope that serves a request.
   *
   * @param host the host of the request, as `normalise` writes it
   * @param wildcards the number of wildcards above the host that are tried
   */
  scopeFor(port: number, host: string, wildcards = WILDCARD_STEPS): Scope | undefined {
    let left = wildcards;
    for (const candidate of patternsCovering(host)) {
      const scope = this.scope(port, candidate);
      if (scope) return scope;
      if (left-- === 0) return undefined;
    }
    return undefined;
  }

  /** Returns the server hosts of a port. */
  admissionsAt(port: number): ReadonlyMap<HostPattern, Admission> {
    return this.#admissions.get(port) ?? new Map();
  }

  /** Returns the name of the scope's certificate, without computing the routes of the scope. */
  credentialAt(port: number, host: HostPattern): string | undefined {
    return this.#admissionAt(port, host)?.credentialName;
  }

  /** Lists the port and host of each scope: the hosts of servers, and the hosts of routes that servers admit. */
  #all(): readonly ScopePlace[] {
    if (this.#places) return this.#places;
    const places: ScopePlace[] = [];
    for (const [port, onPort] of this.#admissions) {
      for (const host of onPort.keys()) places.push({ port, host });
      for (const host of this.#routes.keys())
        if (!onPort.has(host) && isBoundAt(host, decidingAdmission(onPort, host), this.#routes))
          places.push({ port, host });
    }
    this.#places = places;
    return places;
  }

  #some(matches: (admission: Admission) => boolean): boolean {
    return [...this.#admissions.values()].some((onPort) => [...onPort.values()].some(matches));
  }

  /** Returns the port of the HTTPS server that admits a host: 443 if possible, else the lowest one; 443 without one. */
  #httpsPort(host: HostPattern): number {
    const ports = [...this.#admissions.keys()].filter(
      (port) => decidingAdmission(this.#admissions.get(port)!, host)?.protocol === 'HTTPS',
    );
    return ports.includes(443) || ports.length === 0 ? 443 : Math.min(...ports);
  }

  /** Whether Envoy answers requests for a host by more than the 404 that it gives for unknown hosts. */
  #isAnswered(port: number, host: HostPattern): boolean {
    const admission = this.#admissionAt(port, host);
    if (!admission) return false;
    return (
      admission.forwarding.size > 0 || admission.sameServerOnly === true || hasRoutes(host, admission, this.#routes)
    );
  }

  #admissionAt(port: number, host: HostPattern): Admission | undefined {
    const onPort = this.#admissions.get(port);
    if (!onPort) return undefined;
    const own = onPort.get(host);
    if (own) return own;
    const above = this.#routes.has(host) ? decidingAdmission(onPort, host) : undefined;
    return isBoundAt(host, above, this.#routes) ? above : undefined;
  }
}

/** Whether a wildcard may be answered in Envoy although no route of the tenant is bound to it. */
const mayAnswer = (wildcard: Admission | undefined): boolean =>
  wildcard?.profile !== undefined || wildcard?.isShared === true;

interface Remembered {
  tenant: string;
  fleet: Fleet;
  admissions: Admissions;
  byRoutes: WeakMap<object, { table: ScopeTable; upstreams: object }>;
  /** Whether the names of upstreams are server names. */
  isAutomatic: boolean;
}

/**
 * A cache of the last table per pair of gateways and routes, because an agent requests each host separately. It is for
 * one fleet at a time. Changes of other kinds do not affect it, except that upstreams have server names where a server
 * passes connections through automatically.
 */
const remembered = new WeakMap<object, Remembered>();

/**
 * Returns the scopes of a tenant's configuration on a fleet. The result is the same object as long as gateways, routes
 * and fleet are the same, and upstreams where their names are server names.
 *
 * @example scopeTable(configuration, 'acme', fleet).scopeFor(443, 'shop.example')?.routes // ['shop']
 */
export function scopeTable(configuration: Configuration, tenant: string, fleet: Fleet): ScopeTable {
  const gateways = configuration.identity('gateway');
  const routes = configuration.identity('route');
  let last = remembered.get(gateways);
  if (last?.fleet !== fleet || last.tenant !== tenant) {
    const admissions = admissionsOf(configuration, tenant, fleet);
    last = { tenant, fleet, admissions, byRoutes: new WeakMap(), isAutomatic: isAutomatic(admissions) };
  }
  remembered.set(gateways, last);
  const upstreams = configuration.identity('upstream');
  const known = last.byRoutes.get(routes);
  if (known && (!last.isAutomatic || known.upstreams === upstreams)) return known.table;
  const admissions = withMesh(last.admissions, configuration, tenant, fleet);
  const table = new ScopeTable(admissions, routesByHost(configuration));
  last.byRoutes.set(routes, { table, upstreams });
  return table;
}

/**
 * Notes that the scopes of a configuration are those of the one before a change, if the change concerned only rules. A
 * table of very many hosts is not computed again for each change of a rule.
 */
export function inheritScopes(before: Configuration, after: Configuration): void {
  const last = remembered.get(after.identity('gateway'));
  const known = last?.byRoutes.get(before.identity('route'));
  if (known && haveSameHosts(before, after)) last!.byRoutes.set(after.identity('route'), known);
}

const isAutomatic = (admissions: Admissions): boolean =>
  [...admissions.values()].some((onPort) => [...onPort.values()].some((admission) => admission.isAutomatic));

/**
 * Finds the name of the certificate for a TLS handshake.
 *
 * @param sni the server name that the client sent, as `normalise` writes it
 * @param port the port of the handshake. Without it, the most specific server host of all ports decides, and of those
 *   the one on the lowest port. Envoy requests a secret without a port
 * @returns undefined when no HTTPS server admits the name
 */
export function certificateFor(table: ScopeTable, sni: string, port?: number): string | undefined {
  const ports = port === undefined ? [...table.ports].sort((a, b) => a - b) : [port];
  for (const host of patternsCovering(sni)) {
    for (const each of ports) {
      const credential = table.credentialAt(each, host);
      if (credential !== undefined) return credential;
    }
  }
  return undefined;
}
