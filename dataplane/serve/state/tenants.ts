import { LRUCache } from 'lru-cache';
import { hasAutomatic } from '../../../model/automatic-certificates.ts';
import type { ScopeTable } from '../../../model/binding/scope-table.ts';
import { Configuration } from '../../../model/configuration.ts';
import { kindIds } from '../../../model/kinds/index.ts';
import type { Issued } from '../../feed/issued.ts';
import type { Registered } from '../../feed/registered.ts';
import type { Replica } from '../../feed/replica.ts';
import type { Content, OwnedResource, XdsType } from '../type.ts';

/** A RouteConfiguration, with the clusters that a client must have before it. */
export interface Routes extends OwnedResource {
  clusters: readonly string[];
  revision: number;
  /** The routes that an Envoy rejected, when these are the last good ones in their place. */
  insteadOf?: Routes;
}

/** A tenant's configuration in memory, with the resources that were compiled from it so far. */
export interface Tenant extends Content {
  /** The configuration with the gateways of other tenants to which its routes attach. Computed when it is needed. */
  combined?: Configuration;
  revision: number;
  routes: Map<string, Routes>;
  /** The compiled resources by type, then by name. */
  compiled: Map<XdsType, Map<string, OwnedResource | undefined>>;
  /** The scopes to which the host tables were last updated. */
  scopeTable?: ScopeTable | undefined;
}

/**
 * The largest number of rules and other resources in memory, about 1 KB each. It suffices to decode each tenant only
 * once in a burst of changes of a thousand tenants.
 */
const KEPT = 20_000;

const none: Issued = new Map();

/** A cache of recently used tenants. Other tenants are read from the replica. */
export class Tenants {
  readonly #replica: () => Replica;
  readonly #mostPerCluster: (configuration: Configuration) => number;
  readonly #kept = new LRUCache<string, Tenant>({ maxSize: KEPT });

  /** @param mostPerCluster returns the highest limit of one cluster of a tenant */
  constructor(replica: () => Replica, mostPerCluster: (configuration: Configuration) => number) {
    this.#replica = replica;
    this.#mostPerCluster = mostPerCluster;
  }

  /** @returns the tenant only if it is in memory */
  kept(name: string): Tenant | undefined {
    return this.#kept.get(name);
  }

  /** Returns a tenant from memory or from the replica; undefined when the fleet does not have it. */
  get(name: string): Tenant | undefined {
    const kept = this.#kept.get(name);
    if (kept) return kept;
    const replica = this.#replica();
    const revision = replica.revision(name);
    if (revision === 0) return undefined;
    const stored = replica
      .resources(name)
      .map(({ kind, name: resource, spec }) => ({ kind, name: resource, spec: JSON.parse(spec) }));
    return this.keep(name, Configuration.of(stored), revision);
  }

  /**
   * Puts a tenant into the cache.
   *
   * @param before the tenant before the change; compiled resources that the change does not affect are reused
   */
  keep(name: string, configuration: Configuration, revision: number, before?: Tenant): Tenant {
    const { registered: endpoints, issued: certificates } = this.#replica();
    const registered = endpoints.of(name);
    const issued = hasAutomatic(configuration) ? certificates.of(name) : none;
    const content = { configuration, registered, issued, mostPerCluster: this.#mostPerCluster(configuration) };
    const tenant = { ...content, revision, routes: new Map(), compiled: compiledOf(before, content) };
    // lru-cache does not store an entry larger than the whole cache. So a very large tenant counts as the size of the
    // whole cache. It replaces all others, and is not decoded again for each of its hosts.
    this.#kept.set(name, tenant, { size: Math.min(Math.max(weightOf(configuration), 1), KEPT) });
    return tenant;
  }

  /** Replaces lists of registered endpoints of a tenant, if the tenant is in memory. Its routes stay compiled. */
  register(name: string, lists: Registered): void {
    const tenant = this.#kept.get(name);
    if (!tenant || lists.size === 0) return;
    const content = { ...tenant, registered: new Map([...tenant.registered, ...lists]) };
    tenant.compiled = compiledOf(tenant, content);
    tenant.registered = content.registered;
  }

  /** Reads the obtained certificates of a tenant again, if the tenant is in memory. */
  issue(name: string): void {
    const tenant = this.#kept.get(name);
    if (tenant) tenant.issued = this.#replica().issued.of(name);
  }

  forget(name: string): void {
    this.#kept.delete(name);
  }

  clear(): void {
    this.#kept.clear();
  }
}

/** Returns the compiled resources that a change of the tenant does not affect. */
function compiledOf(before: Tenant | undefined, after: Content): Tenant['compiled'] {
  const kept: Tenant['compiled'] = new Map();
  for (const [type, resources] of before?.compiled ?? []) {
    const same = type.isSame?.(before!, after) ?? false;
    if (same === true) kept.set(type, resources);
    else if (same) kept.set(type, new Map([...resources].filter(([name]) => same(name))));
  }
  return kept;
}

function weightOf(configuration: Configuration): number {
  let weight = kindIds.reduce((sum, kind) => sum + configuration.size(kind), 0);
  for (const [, { http = [], tls = [], tcp = [], udp = [] }] of configuration.entries('route'))
    weight += http.length + tls.length + tcp.length + udp.length;
  return weight;
}
