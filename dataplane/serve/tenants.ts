import { LRUCache } from 'lru-cache';
import type { Served } from '../../model/binding/bind.ts';
import { Configuration } from '../../model/configuration.ts';
import { kindIds } from '../../model/kinds/index.ts';
import { parseClusterName } from '../compile/values/names.ts';
import type { Replica } from '../feed/replica.ts';
import type { XdsResource } from '../xds/resource.ts';

/** A RouteConfiguration with what must be there before it. */
export interface Routes {
  resource: XdsResource;
  clusters: readonly string[];
  /** Undefined when nobody holds the host. */
  tenant: string | undefined;
  revision: number;
  /** The routes that an Envoy refused, when these are the last good ones in their place. */
  insteadOf?: Routes;
}

/** One tenant decoded, with what was compiled of it so far. */
export interface Tenant {
  configuration: Configuration;
  revision: number;
  routes: Map<string, Routes>;
  clusters: Map<string, XdsResource | undefined>;
  endpoints: Map<string, XdsResource | undefined>;
  /** What the host tables were last brought to. */
  bound?: Served | undefined;
}

/** Rules and other resources kept decoded, about 1 KB each: enough that a burst of a thousand tenants decodes each once. */
const KEPT = 20_000;

/** The tenants in use lately, as they stand in the replica; others are read from it. */
export class Tenants {
  readonly #replica: () => Replica;
  readonly #kept = new LRUCache<string, Tenant>({ maxSize: KEPT });

  constructor(replica: () => Replica) {
    this.#replica = replica;
  }

  /** Only if it is at hand. */
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

  /** @param before what it was until now: clusters and endpoints of the same upstreams are not compiled anew */
  keep(name: string, configuration: Configuration, revision: number, before?: Tenant): Tenant {
    const tenant = { configuration, revision, routes: new Map(), ...compiledOf(before, configuration) };
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

/** Of upstreams that a change left as they were. */
function compiledOf(before: Tenant | undefined, configuration: Configuration): Pick<Tenant, 'clusters' | 'endpoints'> {
  if (!before) return { clusters: new Map(), endpoints: new Map() };
  const { clusters, endpoints } = before;
  if (before.configuration.shares('upstream', configuration)) return { clusters, endpoints };
  const isSame = ([cluster]: [string, unknown]) => {
    const { upstream } = parseClusterName(cluster);
    return before.configuration.get('upstream', upstream) === configuration.get('upstream', upstream);
  };
  return {
    clusters: new Map([...clusters].filter(isSame)),
    endpoints: new Map([...endpoints].filter(isSame)),
  };
}

function weightOf(configuration: Configuration): number {
  let weight = kindIds.reduce((sum, kind) => sum + configuration.size(kind), 0);
  for (const [, { http }] of configuration.entries('route')) weight += http.length;
  return weight;
}
