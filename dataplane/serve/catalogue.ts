import { certificateFor, serve } from '../../model/binding/bind.ts';
import { Configuration } from '../../model/configuration.ts';
import { candidates } from '../../model/values/host.ts';
import type { FleetDescription, Rejection } from '../../wire/feed.ts';
import * as compile from '../compile/index.ts';
import type { Replica } from '../feed/replica.ts';
import type { Seal } from '../feed/sealing.ts';
import { TYPES, type TypeUrl, type XdsResource } from '../xds/resource.ts';
import * as content from './content.ts';
import { holderOf, scopeHolder } from './holders.ts';
import { type Change, Intake, type TenantEvent } from './intake.ts';
import { LastGoodRoutes } from './last-good-routes.ts';
import * as resources from './resources.ts';
import { type Routes, type Tenant, Tenants } from './tenants.ts';

/** How many skipped revisions are kept for clients that connect later. */
const SKIPPED = 200;

/** Everything the fleet serves, answered by name: reads the replica, compiles on demand, keeps what is hot. */
export class Catalogue {
  #replica: Replica;
  readonly #seal: Seal;
  readonly #tenants = new Tenants(() => this.#replica);
  readonly #intake: Intake;
  readonly lastGood: LastGoodRoutes;
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
    this.lastGood = new LastGoodRoutes({
      tenants: this.#tenants,
      replica: () => this.#replica,
      versionOf: (name, tenant) => this.versionIn(this.configuration(tenant), TYPES.routes, name, tenant),
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
    this.lastGood.reconsider(event.tenant);
    return change;
  }

  /**
   * Ends a snapshot: tenants that it did not list are removed.
   *
   * @param isWhole false when a part of the snapshot was unreadable; then no tenant is removed
   */
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
    return scopeHolder(this.#replica, key);
  }

  listeners(node: { probe?: string }): Map<string, XdsResource> | undefined {
    if (!this.#fleet) return undefined;
    return new Map(
      compile
        .listeners(this.#fleet, node)
        .map((listener) => [listener.name, resources.listener(compile.listenerMessage(listener))]),
    );
  }

  /** The listener a proxyless client asks for by the name it dials. */
  apiListener(name: string): XdsResource | undefined {
    const host = name.replace(/:\d+$/, '').toLowerCase();
    const hosts = [...candidates(host)];
    const ports = (this.#fleet?.ports ?? []).map((port) => port.number);
    const held = this.#replica.holder(
      'scope',
      hosts.flatMap((candidate) => ports.map((port) => compile.scopeKey(port, candidate))),
    );
    return held && resources.listener(compile.apiListener(name, compile.routesName(held.name, 'grpc')));
  }

  /** @param target the name of its RouteConfiguration that it points to */
  scope(key: string, target = key): XdsResource | undefined {
    if (!this.scopeHolder(key)) return undefined;
    const { zone, host } = compile.parseScopeKey(key);
    return resources.scope(compile.scope(zone, host, target));
  }

  /** Never undefined: Envoy waits for ever on a RouteConfiguration that is said not to exist. */
  routes(name: string): Routes {
    const owner = this.scopeHolder(compile.parseRoutesName(name).key);
    const found = owner === undefined ? undefined : this.#source(owner);
    if (!found) return { resource: resources.nothing(name), clusters: [], tenant: undefined, revision: 0 };
    const { tenant, source } = found;
    return memo(tenant.routes, name, () => this.#compileRoutes(source, tenant.revision, name));
  }

  /** Sent to a client that refused a host's routes and never had good ones. */
  nothing(key: string): XdsResource {
    return resources.nothing(key);
  }

  configuration(tenant: string): Configuration {
    return this.#tenants.get(tenant)?.configuration ?? Configuration.of([]);
  }

  /** @param name `tenant/upstream` or `tenant/upstream/subset` */
  cluster(name: string): XdsResource | undefined {
    const found = this.#source(compile.parseClusterName(name).tenant);
    return found && memo(found.tenant.clusters, name, () => content.cluster(found.source, name));
  }

  /** @param name the cluster's */
  endpoints(name: string): XdsResource | undefined {
    const found = this.#source(compile.parseClusterName(name).tenant);
    return found && memo(found.tenant.endpoints, name, () => content.endpoints(found.source, name));
  }

  /** The certificate for a server name as the client wrote it, with who it belongs to. */
  secret(name: string): { resource: XdsResource; tenant: string } | undefined {
    const serverName = compile.parseSecretName(name)?.serverName;
    if (serverName === undefined) return undefined;
    const host = serverName.toLowerCase();
    const held = this.#replica.holder('admitted', [...candidates(host)]);
    const tenant = held && this.#tenants.get(held.tenant);
    if (!held || !tenant || !this.#fleet) return undefined;
    const credential = certificateFor(serve(tenant.configuration, held.tenant, this.#fleet), host);
    const certificate = credential === undefined ? undefined : tenant.configuration.get('certificate', credential);
    const sealed = credential === undefined ? undefined : this.#replica.sealedKey(held.tenant, credential);
    if (!certificate) return undefined;
    if (!sealed) throw new Error('the private key of the certificate did not come from the API, which logs why');
    const key = this.#seal.open(sealed, `${held.tenant}/${credential}`);
    const resource = resources.secret(serverName, certificate.certificateChain, key);
    return resource && { resource, tenant: held.tenant };
  }

  holderOf(type: TypeUrl, name: string): string | undefined {
    return holderOf(this.#replica, type, name);
  }

  /**
   * {@link versionIn} for a configuration the tenant had, has or might have. Only for names that were served, so the
   * fleet is known.
   */
  versionIn(configuration: Configuration, type: TypeUrl, name: string, owner: string): string | undefined {
    return content.versionIn({ configuration, owner, fleet: this.#fleet! }, type, name);
  }

  /** {@link content.partsIn}, under the same condition. */
  partsIn(configuration: Configuration, type: TypeUrl, name: string, owner: string): content.Parts | undefined {
    return content.partsIn({ configuration, owner, fleet: this.#fleet! }, type, name);
  }

  /** Revisions that arrived only as part of a later one, for clients that connect after that event. */
  get skipped(): readonly Rejection[] {
    return this.#skipped;
  }

  #compileRoutes(source: content.Source, revision: number, name: string): Routes {
    const { key, form } = compile.parseRoutesName(name);
    if (form === 'second') return renamed(this.routes(key), name);
    const { message, needs } = content.compileRoutes(source, name);
    const resource = resources.routes(message);
    return this.lastGood.inPlaceOf({ resource, clusters: needs.clusters, tenant: source.owner, revision });
  }

  /** @returns undefined until the fleet is known, or when there is no such tenant */
  #source(owner: string): { tenant: Tenant; source: content.Source } | undefined {
    const tenant = this.#tenants.get(owner);
    const fleet = this.#fleet;
    return tenant && fleet && { tenant, source: { configuration: tenant.configuration, owner, fleet } };
  }
}

function renamed({ insteadOf, ...routes }: Routes, name: string): Routes {
  const resource = resources.renamed(routes.resource, name);
  return { ...routes, resource, ...(insteadOf && { insteadOf: renamed(insteadOf, name) }) };
}

function memo<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  if (!map.has(key)) map.set(key, make());
  return map.get(key) as V;
}
