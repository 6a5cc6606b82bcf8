/**
 * What a fleet serves to a tenant and to others, as far as one request depends on it. On a shared fleet, the
 * certificate of a connection and the host of a request may belong to different tenants.
 */
import { type Scope, type ScopeTable, scopeTable } from '../binding/scope-table.ts';
import type { Admission } from '../binding/server-hosts.ts';
import type { TlsProfile } from '../binding/tls-profile.ts';
import type { Configuration } from '../configuration.ts';
import type { Fleet } from '../fleet.ts';
import { type HostPattern, patternsCovering } from '../values/host.ts';
import { isForeign } from '../values/reference.ts';
import { findScope } from './lookup.ts';

/** A tenant with its combined configuration. */
export interface Neighbour {
  tenant: string;
  configuration: Configuration;
}

/** What the fleet serves to other tenants, as far as a request depends on it. */
export interface Others {
  /** The tenants that may have the host of the request, or the server name of its connection. */
  neighbours?: readonly Neighbour[];
  /** Whether gateways of another tenant admit the host of the request, on any shared fleet. */
  isHostOfOther?: boolean;
  /** Whether the port, if its clients send no host, belongs to another tenant. */
  isPortOfOther?: boolean;
}

/** A tenant, and the scopes that the fleet serves for it. */
export interface Served extends Neighbour {
  table: ScopeTable;
}

/** The scope of a request, and the tenant that has it. */
export interface FoundScope {
  scope: Scope;
  /**
   * The keys above which the next wildcard was tried, from the host of the request upwards. A connection that was
   * opened for one of these names may carry the request.
   */
  below: string[];
  of: Served;
}

/** The tenants of a fleet on which a request depends. */
export class Edge {
  readonly fleet: Fleet;
  /** The tenant that asks. */
  readonly own: Served;
  readonly isHostOfOther: boolean;
  readonly isPortOfOther: boolean;
  readonly #all: readonly Served[];

  constructor(
    fleet: Fleet,
    own: Neighbour,
    { neighbours = [], isHostOfOther = false, isPortOfOther = false }: Others = {},
  ) {
    const served = (each: Neighbour): Served => ({
      ...each,
      table: scopeTable(each.configuration, each.tenant, fleet),
    });
    this.fleet = fleet;
    this.own = served(own);
    this.isHostOfOther = isHostOfOther;
    this.isPortOfOther = isPortOfOther;
    this.#all = [this.own, ...neighbours.map(served)];
  }

  /**
   * Finds the scope that serves a request. Without one in Envoy, it is the scope of the tenant that asks, which tells
   * why there is none.
   *
   * @param authority the Host header as the client wrote it
   */
  scopeOf(port: number, authority: string): FoundScope | undefined {
    const { own } = this;
    const inEnvoy =
      this.#all.length === 1
        ? undefined
        : findScope(authority, (host) => {
            const served = this.#all.filter(({ table }) => table.isInEnvoy(port, host));
            const scopes = served.map((of) => ({ of, scope: of.table.scope(port, host)! }));
            // A host that the owner's server lists, and that another tenant has attached, is the other tenant's.
            return scopes.find(({ scope }) => isAttached(scope)) ?? scopes[0];
          });
    if (inEnvoy) return { ...inEnvoy.found, below: inEnvoy.below };
    const found = findScope(authority, (host) => own.table.scope(port, host));
    return found && { scope: found.found, below: found.below, of: own };
  }

  /** Finds the most specific server host that covers a server name, and the tenant that has it. */
  admissionFor(port: number, serverName: string): { of: Served; admission: Admission } | undefined {
    for (const host of patternsCovering(serverName))
      for (const of of this.#all) {
        const admission = of.table.admissionsAt(port).get(host);
        if (admission) return { of, admission };
      }
    return undefined;
  }

  /**
   * Returns the TLS profile of a connection, which the server name selects. A client without a server name gets the
   * default settings, even if a server with a profile admits `*`.
   */
  profileAt(port: number, serverName: string): TlsProfile | undefined {
    return serverName === '' ? undefined : this.admissionFor(port, serverName)?.admission.profile;
  }

  /** Returns the DNS names of the certificate for a server name; undefined when no HTTPS server admits the name. */
  certifiedNames(serverName: string): readonly string[] | undefined {
    for (const host of patternsCovering(serverName))
      for (const { table, configuration } of this.#all) {
        const name = credentialOf(table, host);
        if (name === undefined) continue;
        // Each host has an automatic certificate of its own, once it is obtained.
        if (configuration.get('certificate', name)?.acme) return [host];
        return configuration.info('certificate', name)?.dnsNames ?? [];
      }
    return undefined;
  }
}

/** Whether a tenant has attached the host of a scope to a gateway of another one. */
const isAttached = ({ admission }: Scope): boolean =>
  [...admission.servers.values()].some(({ gateway }) => isForeign(gateway));

/** Returns the certificate of a server host. Envoy requests it without a port, so the lowest port counts. */
function credentialOf(table: ScopeTable, host: HostPattern): string | undefined {
  for (const port of [...table.ports].sort((a, b) => a - b)) {
    const name = table.credentialAt(port, host);
    if (name !== undefined) return name;
  }
  return undefined;
}
