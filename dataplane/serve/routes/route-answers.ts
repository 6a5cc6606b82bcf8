import { hasDelegation } from '../../../model/binding/delegation.ts';
import { parseRoutesName, type RoutesForm, routesName } from '../../compile/index.ts';
import type { Prober } from '../../status/probe.ts';
import type { XdsResource } from '../../xds/resource.ts';
import type { Stream } from '../../xds/stream.ts';
import { needs } from '../failure.ts';
import type { ClusterUse } from '../hosts/cluster-use.ts';
import type { ScopeSync } from '../hosts/scope-sync.ts';
import type { RejectionReports } from '../rejections/rejection-reports.ts';
import type { Lane } from '../sending/lane.ts';
import type { Entry } from '../sending/ledger.ts';
import type { Owners } from '../sending/owners.ts';
import type { Catalog } from '../state/catalog.ts';
import { NOTHING, nothing } from '../state/route-resources.ts';
import type { Routes } from '../state/tenants.ts';
import type { XdsType } from '../type.ts';
import { Sightings } from './sightings.ts';

const FORMS: readonly RoutesForm[] = ['first', 'second', 'grpc'];

export interface RouteAnswersOptions {
  /** The type of the routes. */
  type: XdsType<Routes>;
  catalog: Catalog;
  stream: Stream;
  prober: Prober | undefined;
  owners: Owners;
  reports: RejectionReports;
  use: ClusterUse;
  scopes: ScopeSync;
  /** The lane of the routes. */
  lane: Lane;
  acked: (entry: Entry) => void;
  live: (entry: Entry) => void;
}

/**
 * Handles one client's ACKs and NACKs of routes. It records which version the client serves, and decides which version
 * the client keeps after a NACK.
 */
export class RouteAnswers {
  readonly #options: RouteAnswersOptions;
  /** Routes that the client accepted on this stream, by name. */
  readonly #good = new Map<string, XdsResource>();
  /** Versions that the client held when it connected, by name. They were not sent on this stream. */
  readonly #brought = new Map<string, string>();
  readonly #sightings: Sightings | undefined;

  constructor(options: RouteAnswersOptions) {
    const { prober, lane, live, reports, catalog, type } = options;
    this.#options = options;
    this.#sightings =
      prober &&
      new Sightings({
        prober,
        lane,
        live,
        seen: (name) => reports.seen(name),
        unseen: (name, entries) => {
          const tenant = type.owner(catalog.state, name);
          if (tenant !== undefined) reports.unseen(type, name, tenant, entries, parseRoutesName(name).key);
        },
      });
  }

  /** Whether the client serves some version of these routes. */
  isHeld(name: string): boolean {
    return this.#held(name) !== undefined;
  }

  /** Whether the client serves this version under either name of the routes, or has not answered it yet. */
  serves(name: string, version: string): boolean {
    return [name, routesName(name, 'second')].some((each) => this.#isServedOrSent(each, version));
  }

  /**
   * Returns the routes that this client should have. One client of an agent may reject a version that another client
   * accepts. A client that accepted the version keeps it.
   */
  current(name: string): Routes {
    const routes = this.#options.catalog.get(this.#options.type, name)!; // every name has routes
    const { insteadOf } = routes;
    return insteadOf && this.#isServedOrSent(name, insteadOf.resource.version) ? insteadOf : routes;
  }

  /** Returns the names under which the client requested the routes of a scope. */
  subscribedNames(key: string): string[] {
    const { type, stream } = this.#options;
    return FORMS.map((form) => routesName(key, form)).filter((name) => stream.subscribed(type.url, name));
  }

  /** The names under which an Envoy has loaded the routes of a scope. */
  loadedNames(key: string): string[] {
    const { sent } = this.#options.lane;
    return [key, routesName(key, 'second')].filter((name) => sent.has(name));
  }

  /** Makes the routes that use a cluster due again, because the cluster or its endpoints were sent. */
  clusterSent(cluster: string): void {
    const { use, lane } = this.#options;
    for (const name of use.users(cluster)) lane.reconsider(name);
  }

  /** Notes that the client held this version of the routes when it connected. */
  brought(name: string, version: string): void {
    this.#brought.set(name, version);
  }

  /** Drops the state of routes from which the client unsubscribed. */
  release(name: string): void {
    this.#options.reports.seen(name);
    this.#sightings?.release(name);
    this.#good.delete(name);
    this.#brought.delete(name);
  }

  settled(name: string, resource: XdsResource | undefined, entries: readonly Entry[]): void {
    const { type, catalog, stream, use, reports } = this.#options;
    if (!resource) return;
    if (resource.version !== NOTHING) this.#good.set(name, resource);
    const routes = this.current(name);
    const isCurrent = routes.resource.version === resource.version;
    const sightings = stream.subscribed(type.url, name) ? this.#sightings : undefined;
    if (isCurrent && routes.tenant === undefined) {
      this.#hostIsGone(name, entries);
      return;
    }
    if (!routes.insteadOf && routes.tenant !== undefined)
      reports.superseded(type, name, routes.tenant, entries, resource.version);
    // The client accepted newer routes, so the last good ones are no longer needed.
    if (catalog.state.lastGood.of(name)?.version !== resource.version) this.#isGood(name, resource.version);
    if (!isCurrent || routes.tenant === undefined) {
      // A newer version is due. These events become live once the newer version is seen.
      sightings?.carry(name, entries);
      return;
    }
    use.settle(name, routes.clusters);
    if (routes.insteadOf) reports.replaced(type, name, routes.tenant, entries);
    else {
      this.#accept(name, routes.tenant);
      this.#isGood(name, resource.version);
    }
    sightings?.expect(name, resource.version, entries);
  }

  rejected(name: string, resource: XdsResource | undefined, entries: readonly Entry[], message: string): void {
    const { type, catalog, stream, reports, lane } = this.#options;
    if (resource && this.#holdBack(name, resource, message)) {
      // The events wait for the routes without the rejected rule.
      for (const entry of entries) lane.mark(name, entry);
      lane.mark(name);
      return;
    }
    const tenant = reports.rejected(type, name, entries, message, this.#good.get(name)?.version);
    if (tenant === undefined || !resource) return;
    const good = this.#good.get(name) ?? this.#lastGood(name);
    if (good) {
      const rejections = reports.current(type, name);
      catalog.state.lastGood.keep(name, { tenant, refused: resource.version, rejections }, good);
    }
    if (good && this.#good.has(name)) this.#stayWith(name, good.version);
    // The client continues to serve the routes that it had when it connected.
    else if (this.#brought.has(name)) return;
    else if (good) lane.request(name);
    else stream.send(type.url, [nothing(name)], []);
  }

  /**
   * Handles a cluster that the client cannot use. Requests to a missing cluster would fail, so the client keeps the
   * routes that it holds.
   *
   * @param reason completes "it needs the cluster x, which …"
   */
  clusterFailed(cluster: string, reason: string): void {
    const { type, use, lane, reports, acked } = this.#options;
    use.fail(cluster, reason);
    for (const name of use.users(cluster)) {
      const held = this.#held(name);
      if (held === undefined) lane.reconsider(name);
      else {
        const waited = lane.abandon(name);
        reports.abandoned(type, name, waited, needs(cluster, reason));
        if (!lane.isPending(name)) this.#stayWith(name, held);
        for (const entry of waited) acked(entry);
      }
    }
  }

  /**
   * Handles routes that could not be built or sent.
   *
   * @returns the routes for a client that waits for a response: the last accepted ones, or empty ones
   */
  failed(name: string): XdsResource {
    const { type, stream } = this.#options;
    const held = this.#held(name);
    // Some events waited until a probe saw a newer version. They now wait for the version that the client keeps.
    if (held !== undefined && stream.subscribed(type.url, name)) this.#sightings?.expect(name, held, []);
    return this.#good.get(name) ?? nothing(name);
  }

  /** Holds a route of another tenant back, if the client rejected these routes because of it. */
  #holdBack(name: string, resource: XdsResource, message: string): boolean {
    const { type, catalog, owners, reports } = this.#options;
    const owner = owners.owner(type, name);
    const parts = owner === undefined ? undefined : catalog.delegatedParts(type, name, owner);
    if (owner === undefined || !parts) return false;
    const isCurrent = this.current(name).resource.version === resource.version;
    const found = catalog.state.heldBack.blame(owner, { ...parts, message, isCurrent });
    if (found?.rejection) reports.heldBack(name, owner, found.rejection);
    return found !== undefined;
  }

  /** Tells which routes of other tenants the client accepted as a part of these routes. */
  #accept(name: string, tenant: string): void {
    const { type, catalog } = this.#options;
    const { state } = catalog;
    const source = state.replica.delegated.isEmpty ? undefined : state.source(tenant)?.source;
    if (!source || !hasDelegation(source.configuration)) return;
    state.heldBack.accepted(tenant, source.configuration, type.partsIn(source, name)?.names ?? []);
  }

  #isGood(name: string, version: string): void {
    const { type, reports, catalog } = this.#options;
    reports.settled(type, name);
    // If another client rejected this version, that client still needs the last good routes.
    if (catalog.state.lastGood.of(name)?.refused !== version) catalog.state.lastGood.forget(name);
  }

  #hostIsGone(name: string, entries: readonly Entry[]): void {
    const { type, catalog, owners, reports, scopes, use } = this.#options;
    owners.forget(type, name);
    reports.settled(type, name);
    this.#good.delete(name);
    use.settle(name, []);
    this.#sightings?.release(name);
    if (catalog.state.complete) for (const entry of entries) scopes.mark(parseRoutesName(name).key, entry);
  }

  /** Returns routes of this name that another client of the agent accepted. */
  #lastGood(name: string): XdsResource | undefined {
    const last = this.#options.catalog.state.lastGood.of(name);
    return last && { name, version: last.version, body: last.body };
  }

  #isServedOrSent(name: string, version: string): boolean {
    return this.#held(name) === version || this.#options.lane.sent.get(name) === version;
  }

  /** Returns the version of the routes that the client serves. */
  #held(name: string): string | undefined {
    return this.#good.get(name)?.version ?? this.#brought.get(name);
  }

  /** Notes that the client keeps routes that it accepted before. */
  #stayWith(name: string, version: string): void {
    this.#options.lane.sent.set(name, version);
    this.#sightings?.expect(name, version, []);
  }
}
