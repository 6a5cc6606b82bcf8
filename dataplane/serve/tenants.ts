import { LRUCache } from 'lru-cache';
import type { ScopeTable } from '../../model/binding/scope-table.ts';
import { Configuration } from '../../model/configuration.ts';
import { kindIds } from '../../model/kinds/index.ts';
import type { Replica } from '../feed/replica.ts';
import type { XdsResource } from '../xds/resource.ts';
import type { Answer, XdsType } from './type.ts';

/** A RouteConfiguration, with the clusters that a client must have before it. */
export interface Routes extends Answer {
  clusters: readonly string[];
  revision: number;
  /** The routes that an Envoy rejected, when these are the last good ones in their place. */
  insteadOf?: Routes;
}

/** One tenant decoded, with what was compiled of it so far. */
export interface Tenant {
  configuration: Configuration;
  revision: number;
  routes: Map<string, Routes>;
  /** What was compiled of each type, by name. */
  compiled: Map<XdsType, Map<string, XdsResource | undefined>>;
  /** The scopes to which the host tables were last updated. */
  scopeTable?: ScopeTable | undefined;
}

/** Most rules and other resources kept in memory, about 1 KB each: in a burst of a thousand tenants, each is decoded once. */
const KEPT = 20_000;

/** The tenants in use recently, decoded; others are read from the replica. */
export class Tenants {
  readonly #replica: () => Replica;
  readonly #kept = new LRUCache<string, Tenant>({ maxSize: KEPT });

  constructor(replica: () => Replica) {
    this.#replica = replica;
  }

  /** @returns the tenant only if it is in memory */
  kept(name: string): Tenant | undefined {
    return this.#kept.get(name);
  }

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

  /** @param before the tenant until now: resources that the change leaves the same are not compiled again */
  keep(name: string, configuration: Configuration, revision: number, before?: Tenant): Tenant {
    const tenant = { configuration, revision, routes: new Map(), compiled: compiledOf(before, configuration) };
    // lru-cache keeps no entry larger than the whole cache. A tenant that large counts as the whole cache: it replaces all
    // others, and is not decoded again for each of its hosts.
    this.#kept.set(name, tenant, { size: Math.min(Math.max(weightOf(configuration), 1), KEPT) });
    return tenant;
  }

  forget(name: string): void {
    this.#kept.delete(name);
  }

  clear(): void {
    this.#kept.clear();
  }
}

/** What was compiled of the tenant and is the same after a change. */
function compiledOf(before: Tenant | undefined, configuration: Configuration): Tenant['compiled'] {
  const kept: Tenant['compiled'] = new Map();
  for (const [type, resources] of before?.compiled ?? []) {
    const same = type.isSame?.(before!.configuration, configuration) ?? false;
    if (same === true) kept.set(type, resources);
    else if (same) kept.set(type, new Map([...resources].filter(([name]) => same(name))));
  }
  return kept;
}

function weightOf(configuration: Configuration): number {
  let weight = kindIds.reduce((sum, kind) => sum + configuration.size(kind), 0);
  for (const [, { http }] of configuration.entries('route')) weight += http.length;
  return weight;
}
