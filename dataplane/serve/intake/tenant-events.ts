import { childTenants, inheritNoDelegation } from '../../../model/binding/delegation.ts';
import { forwarded } from '../../../model/binding/forwarding.ts';
import { http3Hosts } from '../../../model/binding/http3.ts';
import { portBindings } from '../../../model/binding/ports.ts';
import { inheritScopes, scopeTable } from '../../../model/binding/scope-table.ts';
import { parseAttached } from '../../../model/binding/shared-gateway.ts';
import { Configuration } from '../../../model/configuration.ts';
import { deliveryOf, kindIds } from '../../../model/kinds/index.ts';
import { type Behind, type Rejection, secretIn } from '../../../wire/feed.ts';
import { forwardingZone, http3Zone, scopeKey, zoneOf } from '../../compile/index.ts';
import { isDamage } from '../../feed/damage.ts';
import type { TenantEvent } from '../../feed/merge.ts';
import type { Registered } from '../../feed/registered.ts';
import type { Replica } from '../../feed/replica.ts';
import { reasonOf } from '../failure.ts';
import type { Transition } from '../sending/ledger.ts';
import { affectedRoutes } from '../state/affected-routes.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { storeIssued } from '../state/issued-certificates.ts';
import type { Tenant } from '../state/tenants.ts';
import { SharedChanges } from './shared-changes.ts';
import { skippedBy } from './skipped.ts';

/** The effect of one feed event on the fleet. */
export interface TenantChange {
  seq: number;
  tenant: string;
  revision: number;
  committedAt: number;
  /** The tenant whose event made the change, and the number up to which its events are live before the change is. */
  behind: Behind;
  scopesAdded: string[];
  scopesRemoved: string[];
  /** False when the event changed no certificate and no choice of a certificate for a server name. */
  certificates: boolean;
  /** Set when nothing but registered endpoints may have changed. */
  onlyEndpoints?: true;
  /** Whether the change may affect the routes with a name. Absent: it may affect all. */
  affectsRoutes?: (name: string) => boolean;
  transition?: Transition;
  /** Revisions that arrived only as part of this event, because a later revision overwrote their content. */
  skipped?: Rejection;
  /** Why the event could not be applied, at least in part. The tenant keeps its last configuration. */
  failure?: string;
  /** Set when the event could not be stored. The tenant's next event then does not fit the stored configuration. */
  missed?: true;
}

type OwnChange = Omit<TenantChange, 'behind'>;

/** Applies feed events about tenants to the replica. An error in one event affects only the tenant of that event. */
export class TenantEvents {
  readonly #state: FleetState;
  readonly #shared: SharedChanges;

  constructor(state: FleetState) {
    this.#state = state;
    this.#shared = new SharedChanges(state, (tenant) => this.#updateHosts(tenant, undefined));
  }

  get #replica(): Replica {
    return this.#state.replica;
  }

  /**
   * Applies one event. The caller has opened a transaction of the replica.
   *
   * @param sweep the number of the current snapshot
   * @returns the change for the sessions, which has a `failure` when the event could not be applied. Before it in the
   *   list are the changes of other tenants that follow from it, because of shared gateways
   * @throws an error about a damaged replica file
   */
  apply(event: TenantEvent, sweep: number): TenantChange[] {
    const owners = this.#replica.attached.of(event.tenant).keys();
    const behind = { tenant: event.tenant, live: event.before ?? this.#replica.cursor };
    const change = { ...this.#applyOne(event, sweep), behind };
    return [...this.#shared.following(change, owners), change];
  }

  #applyOne(event: TenantEvent, sweep: number): OwnChange {
    try {
      return this.#replica.transaction(() => this.#apply(event, sweep));
    } catch (error) {
      if (isDamage(error)) throw error;
      return this.#fail(event, sweep, error);
    }
  }

  /** Removes the tenants that the snapshot numbered `sweep` did not list. */
  removeUnswept(seq: number, sweep: number): TenantChange[] {
    return this.#replica
      .unswept(sweep)
      .flatMap((tenant) => this.apply({ type: 'leave', seq, tenant, revision: 0, committedAt: 0 }, sweep));
  }

  #apply(event: TenantEvent, sweep: number): OwnChange {
    const { tenants } = this.#state;
    const { tenant, seq, revision, committedAt } = event;
    const stored = this.#replica.revision(tenant);
    // A commit during a snapshot arrives twice. A tenant never returns to an earlier revision.
    if (event.type === 'tenant' && event.base > 0 && revision <= stored) {
      // The list of an upstream is the newest one when the event is sent, even if its revision is not.
      tenants.register(tenant, this.#register(event));
      storeIssued(this.#state, event);
      const same = { scopesAdded: [], scopesRemoved: [], certificates: event.issued !== undefined };
      return { seq, tenant, revision, committedAt, ...same, onlyEndpoints: true };
    }
    // Read before the change, except during a snapshot: the comparison later shows which revision changed a resource.
    const before = event.type === 'tenant' && event.base > 0 ? tenants.get(tenant) : tenants.kept(tenant);
    tenants.forget(tenant);
    const kept = event.type === 'leave' ? this.#leave(tenant) : this.#keep(event, sweep, before);
    const from = event.type === 'tenant' && event.base > 0 ? event.base + 1 : before ? before.revision + 1 : 0;
    const transition = { from: Math.min(from, revision), before: before?.configuration, after: kept.configuration };
    const { certificates } = kept;
    const skipped = skippedBy(tenant, transition.from, revision);
    const hosts = this.#updateHosts(tenant, before);
    const affectsRoutes = before && this.#keepRoutes(tenant, before);
    return {
      seq,
      tenant,
      revision,
      committedAt,
      ...hosts,
      ...(affectsRoutes && { affectsRoutes }),
      certificates,
      transition,
      ...(skipped && { skipped }),
    };
  }

  /** Keeps the compiled routes that a change does not affect. @returns whether it may affect the routes with a name */
  #keepRoutes(name: string, before: Tenant): TenantChange['affectsRoutes'] {
    const tenant = this.#state.tenants.kept(name);
    // A configuration with parts of other tenants is combined again after each change.
    if (!tenant || before.combined !== before.configuration || tenant.combined !== tenant.configuration)
      return undefined;
    const affects = affectedRoutes(before.configuration, tenant.configuration);
    if (affects)
      tenant.routes = new Map([...before.routes].filter(([name, { insteadOf }]) => !insteadOf && !affects(name)));
    return affects;
  }

  #leave(tenant: string): { configuration: undefined; certificates: boolean } {
    this.#replica.removeTenant(tenant);
    return { configuration: undefined, certificates: true };
  }

  #keep(
    event: Extract<TenantEvent, { type: 'tenant' }>,
    sweep: number,
    before: Tenant | undefined,
  ): { configuration: Configuration | undefined; certificates: boolean } {
    const { tenants } = this.#state;
    const { tenant, seq, base, revision } = event;
    this.#store(event);
    this.#replica.setRevision(tenant, revision, seq, sweep);
    const from = base === 0 ? Configuration.empty : before?.configuration;
    if (!from) {
      const stored = tenants.get(tenant)?.configuration;
      if (stored) this.#replica.delegated.set(tenant, childTenants(stored));
      return { configuration: stored, certificates: true };
    }
    const { configuration } = tenants.keep(tenant, from.change(event), revision, before);
    inheritNoDelegation(from, configuration, event.puts);
    inheritScopes(from, configuration);
    if (!configuration.shares('route', from)) this.#replica.delegated.set(tenant, childTenants(configuration));
    const certificates =
      base === 0 || kindIds.some((kind) => deliveryOf(kind) !== 'always' && !configuration.shares(kind, from));
    return { configuration, certificates };
  }

  /**
   * Handles an event that could not be applied. It stores the event but does not update the host tables. If storing
   * fails too, the whole tenant stays unchanged.
   */
  #fail(event: TenantEvent, sweep: number, error: unknown): OwnChange {
    const { tenants } = this.#state;
    const { tenant, seq, revision, committedAt } = event;
    tenants.forget(tenant);
    const failed = { seq, tenant, revision, committedAt, scopesAdded: [], scopesRemoved: [], certificates: true };
    const failure = `the change could not be applied: ${reasonOf(error)}`;
    try {
      this.#replica.transaction(() => {
        if (event.type === 'leave') throw error;
        this.#store(event);
        this.#replica.setRevision(tenant, revision, seq, sweep);
      });
      return { ...failed, failure };
    } catch (again) {
      if (isDamage(again)) throw again;
      tenants.forget(tenant);
      this.#replica.sweepTenant(tenant, sweep);
      return { ...failed, failure, missed: true };
    }
  }

  #store(event: Extract<TenantEvent, { type: 'tenant' }>): void {
    const { seal } = this.#state;
    const { tenant, base, puts, deletes } = event;
    if (base === 0) this.#replica.clearTenant(tenant);
    else if (this.#replica.revision(tenant) < base)
      throw new Error(`its changes since revision ${base} came without that revision`);
    for (const put of puts) {
      const secret = secretIn(put);
      const key = secret === undefined ? null : seal.close(secret, `${tenant}/${put.name}`);
      this.#replica.putResource(tenant, put.kind, put.name, JSON.stringify(put.spec), key);
    }
    for (const { kind, name } of deletes) {
      this.#replica.deleteResource(tenant, kind, name);
      if (kind === 'upstream') this.#replica.registered.remove(tenant, name);
    }
    this.#register(event);
    storeIssued(this.#state, event);
    const attached = event.attached ?? (base === 0 ? [] : undefined);
    if (attached) this.#replica.attached.set(tenant, attached.map(parseAttached));
  }

  /**
   * Stores the registered endpoints of an event, also those of upstreams that the agent does not have yet.
   *
   * @returns the lists as they are stored; an empty one stands for none
   */
  #register({ tenant, endpoints: lists = [] }: Extract<TenantEvent, { type: 'tenant' }>): Registered {
    const { registered } = this.#replica;
    const stored = new Map<string, string>();
    for (const { upstream, endpoints } of lists) {
      const json = JSON.stringify(endpoints);
      stored.set(upstream, json);
      if (endpoints.length > 0) registered.put(tenant, upstream, json);
      else registered.remove(tenant, upstream);
    }
    return stored;
  }

  /** Updates the tables of scopes and of hosts with certificates to the tenant's configuration. */
  #updateHosts(name: string, before: Tenant | undefined): { scopesAdded: string[]; scopesRemoved: string[] } {
    const tenant = this.#state.tenants.get(name);
    // The same object as for compiling, because a scope table is kept for one.
    const { fleet } = this.#state;
    const table = tenant && fleet && scopeTable(this.#state.combinedOf(name, tenant), name, fleet);
    // Gateways, hosts of routes and the fleet are unchanged, so the host tables are up to date.
    if (table && before?.scopeTable === table) {
      tenant.scopeTable = table;
      return { scopesAdded: [], scopesRemoved: [] };
    }
    const scopes = new Set<string>();
    const admitted = new Set<string>();
    for (const { port, host } of table?.envoyScopes() ?? []) scopes.add(scopeKey(port, host));
    if (tenant && fleet)
      for (const [zone, { routes }] of portBindings(tenant.configuration, name, fleet))
        if (routes.length > 0) scopes.add(scopeKey(zone, '*'));
    for (const { port, host, profile } of table?.profiled() ?? []) {
      // In the zone of the port, the host answers 421 to requests on connections without its TLS profile.
      for (const zone of [port, zoneOf(port, name, profile)]) scopes.add(scopeKey(zone, host));
    }
    for (const port of table?.ports ?? [])
      for (const [host] of http3Hosts(table!.admissionsAt(port))) scopes.add(scopeKey(http3Zone(port), host));
    if (tenant)
      for (const port of table?.ports ?? [])
        for (const host of forwarded(tenant.configuration, port, table!.admissionsAt(port)).keys())
          scopes.add(scopeKey(forwardingZone(port), host));
    for (const { host } of table?.secured() ?? []) admitted.add(host);
    const { added, removed } = this.#bring('scope', name, scopes);
    this.#bring('admitted', name, admitted);
    if (tenant) tenant.scopeTable = table;
    return { scopesAdded: added, scopesRemoved: removed };
  }

  /** Makes a host table hold exactly the wanted names for a tenant. Returns the names that were added and removed. */
  #bring(
    table: 'scope' | 'admitted',
    tenant: string,
    wanted: ReadonlySet<string>,
  ): { added: string[]; removed: string[] } {
    const stored = new Set(this.#replica.namesOf(table, tenant));
    const missing = [...wanted].filter((name) => !stored.has(name));
    const removed = [...stored].filter((name) => !wanted.has(name));
    const added = missing.filter((name) => !this.#isAttached(table, tenant, name));
    for (const name of removed) this.#replica.release(table, tenant, name);
    for (const name of added) this.#replica.assign(table, tenant, name);
    return { added, removed };
  }

  /** Whether a tenant that has attached a host to the gateways of this tenant holds the scope of the host. */
  #isAttached(table: 'scope' | 'admitted', owner: string, name: string): boolean {
    const { attached } = this.#replica;
    if (table !== 'scope' || attached.isEmpty) return false;
    const holder = this.#state.scopeHolder(name);
    return holder !== undefined && holder !== owner && attached.isTo(owner, holder);
  }
}
