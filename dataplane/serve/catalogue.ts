import { certificateFor, serve } from '../../model/bind.ts';
import { Configuration } from '../../model/configuration.ts';
import { candidates } from '../../model/host.ts';
import type { FeedEvent, FleetDescription } from '../../wire/feed.ts';
import * as compile from '../compile/index.ts';
import type { Replica } from '../feed/replica.ts';
import type { Seal } from '../feed/sealing.ts';
import type { XdsResource } from '../xds/resource.ts';
import * as resources from './resources.ts';
import { type Routes, type Tenant, Tenants } from './tenants.ts';

type TenantEvent = Extract<FeedEvent, { type: 'tenant' | 'leave' }>;

/** What one event changed in what the fleet serves. */
export interface Change {
  seq: number;
  tenant: string;
  revision: number;
  committedAt: number;
  scopesAdded: string[];
  scopesRemoved: string[];
  /** False when every server name has the certificate it had. */
  certificates: boolean;
}

/** Everything the fleet serves, answered by name: reads the replica, compiles on demand, keeps what is hot. */
export class Catalogue {
  #replica: Replica;
  readonly #seal: Seal;
  readonly #tenants = new Tenants(() => this.#replica);
  #fleet: FleetDescription | undefined;
  #complete: boolean;

  constructor(replica: Replica, seal: Seal) {
    this.#replica = replica;
    this.#seal = seal;
    this.#fleet = replica.fleet;
    this.#complete = replica.complete;
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
    const { tenant, seq, revision, committedAt } = event;
    // What was committed while a snapshot was read is told twice: a tenant never goes back.
    if (event.type === 'tenant' && event.base > 0 && revision <= this.#replica.revision(tenant)) {
      return { seq, tenant, revision, committedAt, scopesAdded: [], scopesRemoved: [], certificates: false };
    }
    const before = this.#tenants.kept(tenant);
    this.#tenants.forget(tenant);
    let certificates = true;
    if (event.type === 'leave') this.#replica.removeTenant(tenant);
    else {
      this.#store(event);
      this.#replica.setRevision(tenant, revision, seq, sweep);
      const base = event.base === 0 ? Configuration.empty : before?.configuration;
      if (base) {
        const { configuration } = this.#tenants.keep(tenant, base.change(event), revision, before);
        certificates =
          event.base === 0 || !(configuration.shares('gateway', base) && configuration.shares('certificate', base));
      }
    }
    return { seq, tenant, revision, committedAt, ...this.#rebind(tenant), certificates };
  }

  /** Ends a snapshot: tenants it did not tell are gone. */
  completeSnapshot(seq: number, sweep: number): Change[] {
    const gone = this.#replica
      .unswept(sweep)
      .map((tenant) => this.apply({ type: 'leave', seq, tenant, revision: 0, committedAt: 0 }, sweep));
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
    return (
      tenant &&
      memo(tenant.clusters, name, () =>
        hasUpstream(tenant, name) ? resources.cluster(compile.cluster(tenant.configuration, owner, name)) : undefined,
      )
    );
  }

  endpoints(name: string): XdsResource | undefined {
    const owner = ownerOf(name);
    const tenant = this.#tenants.get(owner);
    return (
      tenant &&
      memo(tenant.endpoints, name, () => {
        const assignment = hasUpstream(tenant, name) ? compile.endpoints(tenant.configuration, owner, name) : undefined;
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

  /** From now on `good` is served in place of the version Envoy refused. */
  keepLastGood(name: string, tenant: string, refused: string, good: XdsResource): void {
    const key = compile.isSecondName(name) ? compile.keyOf(name) : name;
    const { version, body } = resources.renamed(good, key);
    this.#replica.keepLastGood(key, tenant, refused, version, body);
    const routes = this.#tenants.kept(tenant)?.routes;
    for (const either of [key, compile.secondName(key)]) routes?.delete(either);
  }

  #compileRoutes(owner: string, tenant: Tenant, name: string): Routes {
    const key = compile.keyOf(name);
    if (compile.isSecondName(name)) {
      const first = this.routes(key);
      return { ...first, resource: resources.renamed(first.resource, name) };
    }
    const [port, host] = splitKey(key);
    const compiled =
      key === name
        ? compile.routeConfiguration(tenant.configuration, owner, this.#fleet!, port, host)
        : compile.grpcRouteConfiguration(tenant.configuration, owner, this.#fleet!, port, host, name);
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

  #store(event: Extract<FeedEvent, { type: 'tenant' }>): void {
    const { tenant, base, puts, deletes } = event;
    if (base === 0) this.#replica.clearTenant(tenant);
    else if (this.#replica.revision(tenant) < base)
      throw new Error(`${tenant}: changes since revision ${base} came without it`);
    for (const put of puts) {
      const key = put.privateKey === undefined ? null : this.#seal.close(put.privateKey, `${tenant}/${put.name}`);
      this.#replica.putResource(tenant, put.kind, put.name, JSON.stringify(put.spec), key);
    }
    for (const { kind, name } of deletes) this.#replica.deleteResource(tenant, kind, name);
  }

  /** Brings the host tables in line with the tenant's configuration. */
  #rebind(name: string): { scopesAdded: string[]; scopesRemoved: string[] } {
    const tenant = this.#tenants.get(name);
    const served = tenant && this.#fleet ? serve(tenant.configuration, name, this.#fleet) : undefined;
    const secured = (served?.scopes ?? []).filter(({ credentialName }) => credentialName !== undefined);
    const scopes = this.#bring(
      'scope',
      name,
      (served?.answering ?? []).map(({ port, host }) => `${port}|${host}`),
    );
    this.#bring(
      'admitted',
      name,
      secured.map(({ host }) => host),
    );
    return { scopesAdded: scopes.added, scopesRemoved: scopes.removed };
  }

  #bring(
    table: 'scope' | 'admitted',
    tenant: string,
    names: readonly string[],
  ): { added: string[]; removed: string[] } {
    const wanted = new Set(names);
    const held = new Set(this.#replica.held(table, tenant));
    const added = [...wanted].filter((name) => !held.has(name));
    const removed = [...held].filter((name) => !wanted.has(name));
    for (const name of removed) this.#replica.release(table, tenant, name);
    for (const name of added) this.#replica.hold(table, tenant, name);
    return { added, removed };
  }
}

export function ownerOf(cluster: string): string {
  return cluster.slice(0, cluster.indexOf('/'));
}

function hasUpstream(tenant: Tenant, cluster: string): boolean {
  const [, upstream, subset] = cluster.split('/');
  const spec = tenant.configuration.get('upstream', upstream!);
  return spec !== undefined && (subset === undefined || (spec.subsets ?? []).some(({ name }) => name === subset));
}

function splitKey(key: string): [port: number, host: string] {
  const bar = key.indexOf('|');
  return [Number(key.slice(0, bar)), key.slice(bar + 1)];
}

function memo<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  if (!map.has(key)) map.set(key, make());
  return map.get(key) as V;
}
