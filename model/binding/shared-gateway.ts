/**
 * Shared gateways: what a tenant sees of a gateway of another tenant, the owner. Its routes are bound as if the gateway
 * were its own, but only at hosts that the tenant has attached and that the owner admits:
 * docs/decisions/0034-shared-gateways.md.
 */
import type { Configuration, Resource } from '../configuration.ts';
import { Fact } from '../fact.ts';
import type { Fleet } from '../fleet.ts';
import { selects } from '../fleet.ts';
import type { Gateway, Server } from '../kinds/gateway.ts';
import type { ServerTls } from '../kinds/server-tls.ts';
import { allows, allowsHost, isShared } from '../values/allowed-routes.ts';
import { type HostPattern, patternsCovering } from '../values/host.ts';
import { carries } from '../values/labels.ts';
import { protocolsFor } from '../values/protocol.ts';
import { formatReference, isForeign, parseBinding, parseReference } from '../values/reference.ts';
import { delegatedRoutes } from './delegated-routes.ts';
import { getOrAdd } from './get-or-add.ts';
import { OwnerPlaces, type Place } from './owner-places.ts';
import { comparedNames, type ServerNames } from './same-server.ts';
import { profileOf } from './tls-profile.ts';

/** A host that a tenant attaches to the gateways of another tenant. */
export interface AttachedHost {
  /** The tenant that owns the gateways. */
  owner: string;
  host: HostPattern;
}

/** Writes an attached host as the feed contains it: `owner/host`. */
export const formatAttached = ({ owner, host }: AttachedHost): string => `${owner}/${host}`;

/** Reads what {@link formatAttached} wrote. */
export function parseAttached(text: string): AttachedHost {
  const slash = text.indexOf('/');
  return { owner: text.slice(0, slash), host: text.slice(slash + 1) };
}

/** A server of another tenant in a combined configuration. */
export type ForeignServer = Server & {
  /** With `tls.sameServerOnly`, for each of `hosts`: the hosts of the owner by which servers are compared. */
  connections?: Readonly<Record<HostPattern, ServerNames>>;
};

/** A gateway of another tenant in a combined configuration. */
export type ForeignGateway = Gateway & { owner: string; servers: ForeignServer[] };

const foreignOf = new Fact<ReadonlySet<string>>();
const none: ReadonlySet<string> = new Set();

/** Returns the gateways of other tenants that routes name, as `owner/name`. */
export function foreignGateways(configuration: Configuration): ReadonlySet<string> {
  const routes = configuration.identity('route');
  let found = foreignOf.of(routes);
  if (!found) {
    const names = new Set<string>();
    for (const [, { gateways = [] }] of configuration.entries('route'))
      for (const each of gateways) if (isForeign(each)) names.add(parseBinding(each).gateway);
    found = foreignOf.note(routes, names.size === 0 ? none : names);
  }
  return found;
}

/** Returns the tenants whose gateways the routes of another tenant name. */
export const gatewayOwners = (configuration: Configuration): Set<string> =>
  new Set([...foreignGateways(configuration)].map((each) => parseReference(each).tenant!)); // all are foreign

/** Notes that no route names a gateway of another tenant, so that {@link foreignGateways} need not read them all. */
export function noForeignGateways(configuration: Configuration): void {
  foreignOf.note(configuration.identity('route'), none);
}

/** Lists the hosts that the routes of a configuration attach to gateways of other tenants. */
export function attachedHosts(configuration: Configuration): AttachedHost[] {
  if (foreignGateways(configuration).size === 0) return [];
  const all = new Map<string, AttachedHost>();
  for (const [, { gateways = [], hosts = [] }] of configuration.entries('route'))
    for (const gateway of gateways) {
      const { tenant: owner } = parseReference(gateway);
      if (owner !== undefined) for (const host of hosts) all.set(`${owner}/${host}`, { owner, host });
    }
  return [...all.values()];
}

const sharedOf = new Fact<readonly [name: string, gateway: Gateway][]>();

/** The shared gateways of a configuration, by name: those with a server to which routes of other tenants may attach. */
export function sharedGateways(configuration: Configuration): readonly [name: string, gateway: Gateway][] {
  const gateways = configuration.identity('gateway');
  let found = sharedOf.of(gateways);
  if (!found) {
    const isOpen = ({ servers }: Gateway) => servers.some(({ allowedRoutes }) => isShared(allowedRoutes));
    found = [...configuration.entries('gateway')].filter(([, gateway]) => isOpen(gateway));
    sharedOf.note(gateways, found);
  }
  return found;
}

/**
 * Whether routes of other tenants can attach to a server: only those for HTTP and HTTPS read their `http`. Hosts with
 * their own TLS settings, such as client certificates, are found under keys that the agent makes from these settings.
 */
export const isShareable = ({ port, tls }: Server): boolean =>
  protocolsFor(port.protocol, tls !== undefined).some((each) => each === 'HTTP' || each === 'HTTPS') &&
  port.protocol !== 'TLS' &&
  profileOf(tls) === undefined;

/**
 * How many pairs of a host of a tenant and a server that may admit it are considered per owner. Hosts beyond it are not
 * admitted. A tenant with the most hosts that it may name can attach each of them to ten servers.
 */
const MOST_ADMITTED = 500_000;

/** The gateways of one owner, to which the routes of other tenants attach. */
export class OwnerGateways {
  readonly owner: string;
  readonly configuration: Configuration;
  readonly #gateways: readonly (readonly [name: string, spec: Gateway])[];
  readonly #fleet: Fleet | undefined;
  readonly #places: OwnerPlaces;
  /** The hosts of a port that servers list which are served together with gateways of one selector. */
  readonly #besideOn = new Map<string, readonly HostPattern[]>();
  /** The hosts by which servers are compared. Hosts of the same servers share the object. */
  readonly #compared = new Map<string, ServerNames>();

  /** @param fleet only gateways that this fleet serves are considered; absent: all */
  constructor(configuration: Configuration, owner: string, fleet?: Fleet) {
    this.owner = owner;
    this.configuration = configuration;
    this.#fleet = fleet;
    this.#gateways = sharedGateways(configuration);
    this.#places = new OwnerPlaces(configuration);
  }

  /** Whether routes of other tenants may attach to any gateway. */
  get isAnyShared(): boolean {
    return this.#gateways.length > 0;
  }

  /**
   * Returns the gateways to which routes of a tenant may attach, as the tenant sees them: only the servers to which they
   * may attach, each with those of the tenant's hosts that it admits.
   *
   * @param hosts the hosts that the tenant has attached to this owner
   * @returns by `owner/name`; a gateway with no server that admits routes of the tenant is left out
   */
  for(tenant: string, hosts: readonly HostPattern[]): [name: string, gateway: ForeignGateway][] {
    const isOpen = (server: Server) => isShareable(server) && allows(server.allowedRoutes, tenant);
    const open = this.#gateways.filter(
      ([, spec]) => spec.servers.some(isOpen) && (!this.#fleet || selects(spec, this.owner, this.#fleet)),
    );
    const servers = new Set(open.flatMap(([, spec]) => spec.servers.filter(isOpen)));
    const admitting = this.#admitting(servers, hosts);
    return open.map(([name, spec]) => {
      const seen = spec.servers.flatMap((each): ForeignServer[] => {
        if (!servers.has(each)) return [];
        const { tls, allowedRoutes: _, ...server } = each;
        const admitted = admitting.get(each) ?? new Map<HostPattern, HostPattern>();
        const connections = this.#connections(spec, each, admitted);
        return [
          {
            ...server,
            ...(tls && { tls: withoutCertificates(tls) }),
            hosts: [...admitted.keys()],
            ...(connections && { connections }),
          },
        ];
      });
      const { labels: _, ...rest } = spec;
      return [formatReference({ tenant: this.owner, name }), { ...rest, servers: seen, owner: this.owner }];
    });
  }

  /**
   * Finds the hosts that these servers admit. A server does not admit a host if another server of the owner has a more
   * specific host that covers it.
   *
   * @returns by server, the host of the server that admits each host
   */
  #admitting(
    servers: ReadonlySet<Server>,
    hosts: readonly HostPattern[],
  ): ReadonlyMap<Server, Map<HostPattern, HostPattern>> {
    const admitting = new Map<Server, Map<HostPattern, HostPattern>>();
    const open = new Map<HostPattern, readonly Place[]>();
    const isNearer = new Map<string, boolean>();
    let looked = 0;
    for (const host of hosts) {
      if (this.isRoutedByOwner(host)) continue;
      const nearer: HostPattern[] = [];
      for (const above of patternsCovering(host)) {
        const all = this.#places.at(above);
        if (all.length === 0) continue;
        const places = getOrAdd(open, above, () => all.filter(({ server }) => servers.has(server)));
        for (const { spec, server } of places) {
          if (++looked > MOST_ADMITTED) return admitting;
          if (!allowsHost(server.allowedRoutes!, above, host)) continue;
          const hasNearer = nearer.some((each) =>
            getOrAdd(
              isNearer,
              `${each}|${server.port.number}|${JSON.stringify(this.#fleet ? {} : spec.selector)}`,
              () => this.#beside(spec, server.port.number, each).length > 0,
            ),
          );
          if (!hasNearer) getOrAdd(admitting, server, () => new Map<HostPattern, HostPattern>()).set(host, above);
        }
        nearer.push(above);
      }
    }
    return admitting;
  }

  /**
   * Returns the owner's hosts by which the server of a connection is compared with the server of each admitted host.
   *
   * @param admitting the host of the server that admits each host
   * @returns undefined when connections for other servers may carry the requests too
   */
  #connections(
    spec: Gateway,
    { port }: Server,
    admitting: ReadonlyMap<HostPattern, HostPattern>,
  ): Record<HostPattern, ServerNames> | undefined {
    const found = new Map<HostPattern, ServerNames | undefined>();
    const by = [...admitting].flatMap(([host, above]) => {
      const of = getOrAdd(found, above, () => this.#comparedAt(spec, port.number, above));
      return of ? [[host, of] as const] : [];
    });
    return by.length === 0 ? undefined : Object.fromEntries(by);
  }

  /** Returns the hosts by which servers are compared for a host; undefined if no server with the host asks for it. */
  #comparedAt(spec: Gateway, port: number, above: HostPattern): ServerNames | undefined {
    const there = this.#beside(spec, port, above);
    if (!there.some(({ server }) => server.tls?.sameServerOnly)) return undefined;
    const on = `${port}|${JSON.stringify(this.#fleet ? {} : spec.selector)}`;
    const same = `${on}|${there.map(({ gateway, index }) => `${gateway}/${index}`).join(' ')}`;
    return getOrAdd(this.#compared, same, () => {
      const all = getOrAdd(this.#besideOn, on, () =>
        [...this.#places.onPort(port).keys()].filter((host) => this.#beside(spec, port, host).length > 0),
      );
      return comparedNames(new Set(there.flatMap(({ server }) => server.hosts)), all);
    });
  }

  /** Whether a route of the owner has exactly this host. Such a route comes before the routes of other tenants. */
  isRoutedByOwner(host: HostPattern): boolean {
    return routeHosts(this.configuration).has(host);
  }

  /** Returns the places where a host of a port is listed by servers that a fleet serves together with a gateway. */
  #beside({ selector }: Gateway, port: number, host: HostPattern): readonly Place[] {
    return (this.#places.onPort(port).get(host) ?? []).filter(({ spec }) =>
      this.#fleet ? selects(spec, this.owner, this.#fleet) : carries(selector, spec.selector),
    );
  }
}

/** The certificates are the owner's: its own servers serve them, for all hosts. */
const withoutCertificates = ({ credentialName: _, credentialNames: __, ...tls }: ServerTls): ServerTls => tls;

const hostsOfRoutes = new WeakMap<object, ReadonlySet<HostPattern>>();

/** Returns the hosts of all routes. */
export function routeHosts(configuration: Configuration): ReadonlySet<HostPattern> {
  const routes = configuration.identity('route');
  let found = hostsOfRoutes.get(routes);
  if (!found) {
    found = new Set([...configuration.entries('route')].flatMap(([, { hosts = [] }]) => hosts));
    hostsOfRoutes.set(routes, found);
  }
  return found;
}

/**
 * Makes the combined configuration of a tenant: its configuration with the gateways of other tenants to which its
 * routes may attach, and the routes of other tenants to which its rules may delegate.
 *
 * @param owners the gateways of each of these tenants, with the hosts that the tenant has attached to them
 */
export function combine(
  configuration: Configuration,
  tenant: string,
  owners: Iterable<{ gateways: OwnerGateways; hosts: readonly HostPattern[] }>,
): Configuration {
  const puts = [...owners].flatMap(({ gateways, hosts }) => [
    ...gateways.for(tenant, hosts).map(([name, spec]): Resource => ({ kind: 'gateway', name, spec })),
    ...delegatedRoutes(configuration, tenant, gateways.configuration, gateways.owner),
  ]);
  return puts.length === 0 ? configuration : configuration.change({ puts });
}

/** Returns a combined configuration without what it has of other tenants, as a fleet that is dedicated to the tenant serves it. */
export function ownOnly(combined: Configuration): Configuration {
  const deletes = (['gateway', 'route'] as const).flatMap((kind) =>
    combined.names(kind).flatMap((name) => (isForeign(name) ? { kind, name } : [])),
  );
  return deletes.length === 0 ? combined : combined.change({ deletes });
}
