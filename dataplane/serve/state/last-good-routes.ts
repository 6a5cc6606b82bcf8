import type { Rejection } from '../../../wire/feed.ts';
import * as compile from '../../compile/index.ts';
import type { LastGood } from '../../feed/last-good.ts';
import type { Replica } from '../../feed/replica.ts';
import type { XdsResource } from '../../xds/resource.ts';
import { clustersOf, renamed } from './route-resources.ts';
import type { Routes, Tenants } from './tenants.ts';

export interface LastGoodRoutesOptions {
  replica: () => Replica;
  tenants: Tenants;
}

/**
 * The routes that the agent serves in place of routes that Envoy rejected. They apply to all clients of the agent. A
 * host's routes have two names for Envoy. Both names share one last good version, which is stored under the first name.
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

  /** Drops the last good routes, because Envoy accepted newer ones. */
  forget(name: string): void {
    const key = firstName(name);
    const last = this.#table.get(key);
    if (!last) return;
    this.#table.remove(key);
    this.#forgetCompiled(key, last.tenant);
  }

  /** Returns the last good routes of a host, if a newer version is rejected. @param name either name of the routes */
  of(name: string): LastGood | undefined {
    return this.#table.get(firstName(name));
  }

  /**
   * Lists the rejections of all routes that are replaced by last good ones.
   *
   * @param serves whether the client serves the rejected version after all; its rejection is left out then
   */
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
   * Drops rejections of routes that a changed tenant no longer has.
   *
   * @param versionOf returns the version of the routes with this name in the tenant's current configuration; it throws
   *   when they cannot be built
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
    // Envoy rejected routes that could be built, so these are different ones.
    return undefined;
  }
}
