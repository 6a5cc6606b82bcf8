import { MESH_PORT } from '../../../model/binding/mesh.ts';
import { Configuration } from '../../../model/configuration.ts';
import type { FleetDescription } from '../../../wire/feed.ts';
import { mostPerCluster, type Resolve, scopeKey } from '../../compile/index.ts';
import type { Replica } from '../../feed/replica.ts';
import type { Seal } from '../../feed/sealing.ts';
import type { Names } from '../../names/names.ts';
import type { OwnedResource, Source, XdsType } from '../type.ts';
import { CertificatePairs } from './certificate-pairs.ts';
import { CombinedConfigurations } from './combined.ts';
import { HeldBackRoutes } from './held-back-routes.ts';
import { LastGoodRoutes } from './last-good-routes.ts';
import { ownListeners } from './own-listeners.ts';
import { type Tenant, Tenants } from './tenants.ts';

/**
 * The state of one agent's fleet: the replica on disk, and in memory the tenants in use with their compiled resources.
 */
export class FleetState {
  #replica: Replica;
  readonly seal: Seal;
  readonly tenants: Tenants;
  readonly lastGood: LastGoodRoutes;
  readonly combined: CombinedConfigurations;
  readonly heldBack: HeldBackRoutes;
  readonly names: Names;
  readonly certificates = new CertificatePairs();
  #description: FleetDescription | undefined;
  #fleet: Source['fleet'] | undefined;
  #drained: readonly string[] | undefined;
  #complete: boolean;
  #share = Number.POSITIVE_INFINITY;

  constructor(replica: Replica, seal: Seal, names: Names) {
    this.names = names;
    this.#replica = replica;
    this.seal = seal;
    this.#description = replica.fleet;
    this.#drained = replica.drained;
    this.#complete = replica.complete;
    this.tenants = new Tenants(
      () => this.#replica,
      (configuration) => this.mostPerCluster(configuration),
    );
    this.lastGood = new LastGoodRoutes({ tenants: this.tenants, replica: () => this.#replica });
    this.heldBack = new HeldBackRoutes({ tenants: this.tenants, replica: () => this.#replica });
    this.combined = new CombinedConfigurations({
      tenants: this.tenants,
      replica: () => this.#replica,
      fleet: () => this.#description,
      withoutRejected: (tenant, combined) => this.heldBack.without(tenant, combined),
    });
  }

  get replica(): Replica {
    return this.#replica;
  }

  /** The fleet's settings, such as its ports. Undefined until the API has sent them once. */
  get description(): FleetDescription | undefined {
    return this.#description;
  }

  /** The settings with what the agent adds to them: the sockets of its Envoy. Undefined as `description` is. */
  get fleet(): Source['fleet'] | undefined {
    if (this.#description) this.#fleet ??= { ...this.#description, own: ownListeners(this.#description) };
    return this.#fleet;
  }

  set description(description: FleetDescription) {
    this.#replica.fleet = description;
    this.#description = description;
    this.#fleet = undefined;
    this.tenants.clear();
  }

  /** The drained nodes of the fleet. Undefined until the API has named them once. */
  get drained(): readonly string[] | undefined {
    return this.#drained;
  }

  set drained(nodes: readonly string[]) {
    this.#replica.drained = nodes;
    this.#drained = nodes;
  }

  /**
   * Notes how many connections to upstreams one tenant may have in an Envoy that has connected. The clusters of all
   * Envoys then have the limits of the smallest one. Clusters that an Envoy has already change with their tenant.
   */
  limitTenants(share: number): void {
    if (share >= this.#share) return;
    this.#share = share;
    this.tenants.clear();
  }

  /** Returns the highest limit of one cluster of a tenant. */
  mostPerCluster(configuration: Configuration): number {
    return mostPerCluster(configuration, this.shareOf(this.#share));
  }

  /** Returns a limit that leaves room for other tenants, which a fleet of one tenant does not need. */
  shareOf(limit: number): number {
    return this.#description?.tenant === undefined ? limit : Number.POSITIVE_INFINITY;
  }

  /** False until the first snapshot is complete. Before that, a missing resource may still arrive. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Notes that the snapshot is complete. */
  setComplete(): void {
    this.#replica.complete = true;
    this.#complete = true;
  }

  /** Replaces the replica by an empty one, for example after file damage. The fleet's description is kept. */
  replaceReplica(replica: Replica): void {
    this.#replica = replica;
    this.tenants.clear();
    this.#complete = false;
    if (this.#description) replica.fleet = this.#description;
    if (this.#drained) replica.drained = this.#drained;
  }

  /** Runs `work` in one transaction of the replica. @throws the error of `work`; nothing is stored then */
  transaction<T>(work: () => T): T {
    try {
      return this.#replica.transaction(work);
    } catch (error) {
      // The tenants in memory may contain changes that were rolled back.
      this.tenants.clear();
      throw error;
    }
  }

  /** The tenant's current revision; 0 = no such tenant. */
  revision(tenant: string): number {
    return this.tenants.kept(tenant)?.revision ?? this.#replica.revision(tenant);
  }

  /** The tenant's current configuration, which is empty when there is no such tenant. */
  configuration(tenant: string): Configuration {
    return this.tenants.get(tenant)?.configuration ?? Configuration.of([]);
  }

  /** The tenant that serves a scope. */
  scopeHolder(key: string): string | undefined {
    return this.#replica.holder('scope', [key])?.tenant;
  }

  /**
   * Returns the key of the first scope that any tenant serves, for these hosts in the mesh, then for these hosts on all
   * ports of the fleet.
   */
  firstScope(hosts: readonly string[]): string | undefined {
    const ports = (this.#description?.ports ?? []).map((port) => port.number);
    const mesh = hosts.map((host) => scopeKey(MESH_PORT, host));
    const keys = [...mesh, ...hosts.flatMap((host) => ports.map((port) => scopeKey(port, host)))];
    return this.#replica.holder('scope', keys)?.name;
  }

  /** Searches the hosts in order for one that has a certificate, and returns the tenant of that certificate. */
  certificateHolder(hosts: readonly string[]): string | undefined {
    return this.#replica.holder('admitted', hosts)?.tenant;
  }

  /** Whether a server name is a host of a configuration: not only below a wildcard, and not in another spelling. */
  isSecuredHost(serverName: string): boolean {
    return this.certificateHolder([serverName]) !== undefined;
  }

  /**
   * Collects the input for compiling a tenant's resources.
   *
   * @param owner the tenant's name
   * @returns undefined until the fleet is known, or when there is no such tenant
   */
  source(owner: string): { tenant: Tenant; source: Source } | undefined {
    const tenant = this.tenants.get(owner);
    const { fleet } = this;
    if (!tenant || !fleet) return undefined;
    const configuration = this.combinedOf(owner, tenant);
    const { registered, issued, mostPerCluster } = tenant;
    return {
      tenant,
      source: { configuration, registered, issued, mostPerCluster, owner, fleet, resolve: this.resolve },
    };
  }

  /** Returns the configuration from which a tenant's resources are compiled. */
  combinedOf(name: string, tenant: Tenant): Configuration {
    return (tenant.combined ??= this.combined.of(name, tenant.configuration));
  }

  /** Returns the combined configuration of a tenant with the routes that are held back. */
  wholeOf(name: string): Configuration | undefined {
    const configuration = this.tenants.get(name)?.configuration;
    return configuration && this.combined.whole(name, configuration);
  }

  /** Returns the addresses of a DNS name in its last good answer; none before the first. */
  readonly resolve: Resolve = (host) => this.names.of(host);

  /** Compiles a resource of a tenant, once per revision of the tenant and change of the addresses in it. */
  compiled(
    type: XdsType,
    owner: string,
    name: string,
    build: (source: Source, name: string) => Omit<OwnedResource, 'tenant'> | undefined,
  ): OwnedResource | undefined {
    const found = this.source(owner);
    if (!found) return undefined;
    const byName = found.tenant.compiled.get(type) ?? new Map<string, OwnedResource | undefined>();
    found.tenant.compiled.set(type, byName);
    const last = byName.get(name);
    // Names are resolved only while a client uses them, so nobody may have noticed that their addresses changed.
    const isCurrent = ([host, addresses]: [string, readonly string[]]) =>
      String(addresses) === String(this.resolve(host));
    if (byName.has(name) && [...(last?.resolved ?? [])].every(isCurrent)) return last;
    const built = build(found.source, name);
    const compiled = built && { ...built, tenant: owner };
    byName.set(name, compiled);
    return compiled;
  }
}
