import type { Rejection } from '../../wire/feed.ts';
import * as compile from '../compile/index.ts';
import type { LastGood } from '../feed/last-good.ts';
import type { Replica } from '../feed/replica.ts';
import type { XdsResource } from '../xds/resource.ts';
import { clustersOf, renamed } from './route-resources.ts';
import type { Routes, Tenants } from './tenants.ts';

export interface LastGoodRoutesOptions {
  replica: () => Replica;
  tenants: Tenants;
}

/**
 * The routes served in place of those that Envoy rejected, for every client of the agent. Both names of a host's routes
 * share one last good version, stored under the first name.
 */
export class LastGoodRoutes {
  readonly #options: LastGoodRoutesOptions;

  constructor(options: LastGoodRoutesOptions) {
    this.#options = options;
  }

  /** Serves `good` in place of the version that Envoy rejected. */
  keep(name: string, last: Pick<LastGood, 'tenant' | 'refused' | 'rejections'>, good: XdsResource): void {
    const key = firstName(name);
    this.#table.put(key, { ...last, ...renamed(good, key) });
    this.#forgetCompiled(key, last.tenant);
  }

  /** Envoy accepted newer routes, so the last good ones are no longer served. */
  forget(name: string): void {
    const key = firstName(name);
    const last = this.#table.get(key);
    if (!last) return;
    this.#table.remove(key);
    this.#forgetCompiled(key, last.tenant);
  }

  of(name: string): LastGood | undefined {
    return this.#table.get(firstName(name));
  }

  /** The rejections of all routes that are replaced by last good ones, for a client that does not serve them. */
  rejections(serves: (name: string, refused: string) => boolean): Rejection[] {
    return this.#table.rejections(serves);
  }

  /** @returns the last good routes if Envoy rejected `compiled`, otherwise `compiled` */
  inPlaceOf(compiled: Routes): Routes {
    const { name, version } = compiled.resource;
    const good = this.#table.get(name);
    if (good?.refused !== version) return compiled;
    const resource = { name, version: good.version, body: good.body };
    return { ...compiled, resource, clusters: clustersOf(good.body), insteadOf: compiled };
  }

  /**
   * The tenant has changed: rejections of routes that it no longer has are dropped.
   *
   * @param versionOf the version of the tenant's routes as it is configured now; it throws when they cannot be built
   */
  reconsider(tenant: string, versionOf: (name: string) => string | undefined): void {
    for (const name of this.#table.names(tenant)) {
      const last = this.#table.get(name);
      if (!last || last.rejections.length === 0) continue;
      if (attempt(versionOf, name) !== last.refused) this.#table.put(name, { ...last, rejections: [] });
    }
  }

  get #table() {
    return this.#options.replica().lastGood;
  }

  #forgetCompiled(key: string, tenant: string): void {
    const routes = this.#options.tenants.kept(tenant)?.routes;
    for (const name of [key, compile.routesName(key, 'second')]) routes?.delete(name);
  }
}

const firstName = (name: string): string => {
  const { key, form } = compile.parseRoutesName(name);
  return form === 'second' ? key : name;
};

function attempt(versionOf: (name: string) => string | undefined, name: string): string | undefined {
  try {
    return versionOf(name);
  } catch {
    // Routes that cannot be built are not the ones that were rejected.
    return undefined;
  }
}
