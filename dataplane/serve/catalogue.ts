import { certificateFor, serve } from '../../model/bind.ts';
import { Configuration } from '../../model/configuration.ts';
import { candidates } from '../../model/host.ts';
import type { FleetDescription, Rejection } from '../../wire/feed.ts';
import * as compile from '../compile/index.ts';
import type { LastGood, Replica } from '../feed/replica.ts';
import type { Seal } from '../feed/sealing.ts';
import { TYPES, type TypeUrl, type XdsResource } from '../xds/resource.ts';
import { type Change, Intake, type TenantEvent } from './intake.ts';
import * as resources from './resources.ts';
import { type Routes, type Tenant, Tenants } from './tenants.ts';

/** Of the revisions that events skipped, the latest are kept for clients that connect later. */
const SKIPPED = 200;

/** Everything the fleet serves, answered by name: reads the replica, compiles on demand, keeps what is hot. */
export class Catalogue {
  #replica: Replica;
  readonly #seal: Seal;
  readonly #tenants = new Tenants(() => this.#replica);
  readonly #intake: Intake;
  #skipped: readonly Rejection[] = [];
  #fleet: FleetDescription | undefined;
  #complete: boolean;

  constructor(replica: Replica, seal: Seal) {
    this.#replica = replica;
    this.#seal = seal;
    this.#fleet = replica.fleet;
    this.#complete = replica.complete;
    this.#intake = new Intake({
      seal,
      tenants: this.#tenants,
      replica: () => this.#replica,
      fleet: () => this.#fleet,
    });
  }

  get fleet(): FleetDescription | undefined {
    return this.#fleet;
  }

  set fleet(fleet: FleetDescription) {
    this.#replica.fleet = fleet;
    this.#fleet = fleet;
    this.#tenants.clear();
  }

  /** False until the whole fleet is held: "not found" then means "not yet". */
  get complete(): boolean {
    return this.#complete;
  }

  /** Goes on with another, empty replica; the fleet's description outlives the file. */
  replaceReplica(replica: Replica): void {
    this.#replica = replica;
    this.#tenants.clear();
    this.#complete = false;
    if (this.#fleet) replica.fleet = this.#fleet;
  }

  /** All of it or nothing. */
  transaction<T>(work: () => T): T {
    try {
      return this.#replica.transaction(work);
    } catch (error) {
      // What is kept may be ahead of what is stored.
      this.#tenants.clear();
      throw error;
    }
  }

  /** Takes one tenant's event into the replica. Runs inside the caller's {@link transaction}. */
  apply(event: TenantEvent, sweep: number): Change {
    const change = this.#intake.apply(event, sweep);
    if (change.skipped) this.#skipped = [...this.#skipped, change.skipped].slice(-SKIPPED);
    for (const name of this.#replica.lastGoodNames(event.tenant)) this.#reconsiderRefused(name, event.tenant);
    return change;
  }

  /** Ends a snapshot: tenants that it did not list are gone. @param isWhole false when a part of it could not be read: then none is */
  completeSnapshot(seq: number, sweep: number, isWhole: boolean): Change[] {
    const gone = isWhole ? this.#intake.removeUnswept(seq, sweep) : [];
    this.#replica.complete = true;
    this.#complete = true;
    return gone;
  }

  revision(tenant: string): number {
    return this.#tenants.kept(tenant)?.revision ?? this.#replica.revision(tenant);
  }

  scopesAfter(after: string, limit: number): string[] {
    return this.#replica.scopesAfter(after, limit);
  }

  scopeHolder(key: string): string | undefined {
    return this.#replica.holder('scope', [key])?.tenant;
  }

  listeners(node: { probe?: string }): Map<string, XdsResource> | undefined {
    if (!this.#fleet) return undefined;
    return new Map(
      compile.listeners(this.#fleet, node).map((listener) => [listener.name, resources.listener(listener)]),
    );
  }

  /** The listener a proxyless client asks for by the name it dials. */
  apiListener(name: string): XdsResource | undefined {
    const host = name.replace(/:\d+$/, '').toLowerCase();
    const hosts = [...candidates(host)];
    const ports = (this.#fleet?.ports ?? []).map((port) => port.number);
    const held = this.#replica.holder(
      'scope',
      hosts.flatMap((candidate) => ports.map((port) => `${port}|${candidate}`)),
    );
    return held && resources.listener(compile.apiListener(name, compile.proxylessName(held.name)));
  }

  /** @param target the name of its RouteConfiguration that it points to */
  scope(key: string, target = key): XdsResource | undefined {
    if (!this.scopeHolder(key)) return undefined;
    const [port, host] = splitKey(key);
    return resources.scope(compile.scope(String(port), host, target));
  }

  /** Never undefined: Envoy waits for ever on a RouteConfiguration that is said not to exist. */
  routes(name: string): Routes {
    const owner = this.scopeHolder(compile.keyOf(name));
    const tenant = owner === undefined ? undefined : this.#tenants.get(owner);
    if (owner === undefined || !tenant || !this.#fleet)
      return { resource: resources.nothing(name), clusters: [], tenant: undefined, revision: 0 };
    return memo(tenant.routes, name, () => this.#compileRoutes(owner, tenant, name));
  }

  /** What a client is given for routes that it refused before it ever had good ones. */
  nothing(key: string): XdsResource {
    return resources.nothing(key);
  }

  configuration(tenant: string): Configuration {
    return this.#tenants.get(tenant)?.configuration ?? Configuration.of([]);
  }

  /** Names are `tenant/upstream` or `tenant/upstream/subset`. */
  cluster(name: string): XdsResource | undefined {
    const owner = ownerOf(name);
    const tenant = this.#tenants.get(owner);
    const fleet = this.#fleet;
    return (
      tenant &&
      fleet &&
      memo(tenant.clusters, name, () =>
        hasUpstream(tenant.configuration, name)
          ? resources.cluster(compile.cluster(tenant.configuration, owner, fleet, name))
          : undefined,
      )
    );
  }

  endpoints(name: string): XdsResource | undefined {
    const owner = ownerOf(name);
    const tenant = this.#tenants.get(owner);
    const fleet = this.#fleet;
    return (
      tenant &&
      fleet &&
      memo(tenant.endpoints, name, () => {
        const assignment = hasUpstream(tenant.configuration, name)
          ? compile.endpoints(tenant.configuration, fleet, name)
          : undefined;
        return assignment && resources.endpoints(assignment);
      })
    );
  }

  /** The certificate for a server name as the client wrote it, with who it belongs to. */
  secret(serverName: string): { resource: XdsResource; tenant: string } | undefined {
    const host = serverName.toLowerCase();
    const held = this.#replica.holder('admitted', [...candidates(host)]);
    const tenant = held && this.#tenants.get(held.tenant);
    if (!held || !tenant || !this.#fleet) return undefined;
    const credential = certificateFor(serve(tenant.configuration, held.tenant, this.#fleet), host);
    const certificate = credential === undefined ? undefined : tenant.configuration.get('certificate', credential);
    const sealed = credential === undefined ? undefined : this.#replica.sealedKey(held.tenant, credential);
    if (!certificate || !sealed) return undefined;
    const key = this.#seal.open(sealed, `${held.tenant}/${credential}`);
    const resource = resources.secret(serverName, certificate.certificateChain, key);
    return resource && { resource, tenant: held.tenant };
  }

  /** Who holds a name, whatever is known of what it stands for. */
  holderOf(type: TypeUrl, name: string): string | undefined {
    switch (type) {
      case TYPES.routes:
        return this.scopeHolder(compile.keyOf(name));
      case TYPES.scope:
        return this.scopeHolder(name);
      case TYPES.secret:
        return this.#replica.holder('admitted', [...candidates(name.toLowerCase())])?.tenant;
      case TYPES.cluster:
      case TYPES.endpoints:
        return ownerOf(name);
      default:
        return undefined;
    }
  }

  /** What tells the content of a tenant's resource from another content, had the tenant this configuration; undefined = there is none. */
  versionIn(configuration: Configuration, type: TypeUrl, name: string, owner: string): string | undefined {
    switch (type) {
      case TYPES.routes:
        return resources.routes(this.#compile(configuration, owner, compile.keyOf(name), name).message).version;
      case TYPES.cluster:
        return hasUpstream(configuration, name)
          ? resources.cluster(compile.cluster(configuration, owner, this.#fleet!, name)).version
          : undefined;
      case TYPES.endpoints: {
        const assignment = hasUpstream(configuration, name)
          ? compile.endpoints(configuration, this.#fleet!, name)
          : undefined;
        return assignment && resources.endpoints(assignment).version;
      }
      case TYPES.secret: {
        const credential = certificateFor(serve(configuration, owner, this.#fleet!), name.toLowerCase());
        return credential === undefined
          ? undefined
          : JSON.stringify([credential, configuration.get('certificate', credential)?.certificateChain]);
      }
      case TYPES.scope: {
        const [port, host] = splitKey(name);
        return serve(configuration, owner, this.#fleet!).scope(port, host) && name;
      }
      default:
        return undefined;
    }
  }

  /** From now on `good` is served in place of the version that Envoy refused. */
  keepLastGood(name: string, last: Pick<LastGood, 'tenant' | 'refused' | 'rejections'>, good: XdsResource): void {
    const key = firstName(name);
    this.#replica.keepLastGood(key, { ...last, ...resources.renamed(good, key) });
    this.#forgetRoutes(key, last.tenant);
  }

  /** What stands was taken: what was good before is so no longer. */
  forgetLastGood(name: string): void {
    const key = firstName(name);
    const last = this.#replica.lastGood(key);
    if (!last) return;
    this.#replica.forgetLastGood(key);
    this.#forgetRoutes(key, last.tenant);
  }

  /** The routes that are served in place of what was refused, on whichever client. */
  lastGood(name: string): LastGood | undefined {
    return this.#replica.lastGood(firstName(name));
  }

  /** Revisions that were never here, for clients that connect after the event that skipped them. */
  get skipped(): readonly Rejection[] {
    return this.#skipped;
  }

  /** What no client is served, since one of them has refused it. */
  get refused(): Rejection[] {
    return this.#replica.refused;
  }

  /** The tenant has changed: what it has now may not be what was refused. */
  #reconsiderRefused(name: string, tenant: string): void {
    const last = this.#replica.lastGood(name);
    if (!last || last.rejections.length === 0) return;
    let version: string | undefined;
    try {
      version = this.versionIn(this.configuration(tenant), TYPES.routes, name, tenant);
    } catch {
      // What cannot be built is not what was refused.
    }
    if (version !== last.refused) this.#replica.keepLastGood(name, { ...last, rejections: [] });
  }

  #forgetRoutes(key: string, tenant: string): void {
    const routes = this.#tenants.kept(tenant)?.routes;
    for (const either of [key, compile.secondName(key)]) routes?.delete(either);
  }

  #compile(configuration: Configuration, owner: string, key: string, name: string) {
    const [port, host] = splitKey(key);
    return name === key || compile.isSecondName(name)
      ? compile.routeConfiguration(configuration, owner, this.#fleet!, port, host)
      : compile.grpcRouteConfiguration(configuration, owner, this.#fleet!, port, host, name);
  }

  #compileRoutes(owner: string, tenant: Tenant, name: string): Routes {
    const key = compile.keyOf(name);
    if (compile.isSecondName(name)) {
      const first = this.routes(key);
      return { ...first, resource: resources.renamed(first.resource, name) };
    }
    const compiled = this.#compile(tenant.configuration, owner, key, name);
    const routes: Routes = {
      resource: resources.routes(compiled.message),
      clusters: compiled.clusters,
      tenant: owner,
      revision: tenant.revision,
    };
    const good = this.#replica.lastGood(name);
    if (!good || good.refused !== routes.resource.version) return routes;
    const resource = { name, version: good.version, body: good.body };
    return { ...routes, resource, clusters: resources.clustersOf(good.body), insteadOf: good.refused };
  }
}

export function ownerOf(cluster: string): string {
  return cluster.slice(0, cluster.indexOf('/'));
}

function hasUpstream(configuration: Configuration, cluster: string): boolean {
  const [, upstream, subset] = cluster.split('/');
  const spec = configuration.get('upstream', upstream!);
  return spec !== undefined && (subset === undefined || (spec.subsets ?? []).some(({ name }) => name === subset));
}

/** What the last good routes of a host are kept under. */
const firstName = (name: string): string => (compile.isSecondName(name) ? compile.keyOf(name) : name);

function splitKey(key: string): [port: number, host: string] {
  const bar = key.indexOf('|');
  return [Number(key.slice(0, bar)), key.slice(bar + 1)];
}

function memo<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  if (!map.has(key)) map.set(key, make());
  return map.get(key) as V;
}
