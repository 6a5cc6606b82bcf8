import type { Log } from '../log.ts';
import type { Prober } from '../status/probe.ts';
import type { XdsResource } from '../xds/resource.ts';
import type { Stream } from '../xds/stream.ts';
import { ClusterUse } from './hosts/cluster-use.ts';
import { Eviction } from './hosts/eviction.ts';
import { ScopeSync } from './hosts/scope-sync.ts';
import { SecretUse } from './hosts/secret-use.ts';
import { ServerNames } from './hosts/server-names.ts';
import { WatchedClusters } from './hosts/watched-clusters.ts';
import { ListenerChains } from './listeners/listener-chains.ts';
import { ListenerRejections } from './listeners/listener-rejections.ts';
import { TenantChains } from './listeners/tenant-chains.ts';
import { RejectionReports } from './rejections/rejection-reports.ts';
import { Rejections } from './rejections/rejections.ts';
import { RouteAnswers } from './routes/route-answers.ts';
import { Lane } from './sending/lane.ts';
import { type Cursor, Ledger } from './sending/ledger.ts';
import { Owners } from './sending/owners.ts';
import type { Catalog } from './state/catalog.ts';
import type { Routes } from './state/tenants.ts';
import type { TypeHandlers, XdsType } from './type.ts';
import type { View } from './view.ts';

export interface ClientOptions {
  /** The types that are served, in the order in which they are sent. */
  types: readonly XdsType[];
  catalog: Catalog;
  stream: Stream;
  prober: Prober | undefined;
  /** How many server names keep a certificate besides the hosts of configurations: see {@link ServerNames}. */
  serverNames: number;
  /** Unix socket of the client's probe listener. */
  probe: string | undefined;
  /** How many client connections one tenant's filter chains may forward in the client, if others use it too. */
  tenantClients: number;
  log: Log;
  /** Called when a cursor moved. */
  moved: (cursor: Cursor) => void;
  /** Called when rejections changed. */
  changed: () => void;
  /** Called for each resource that could not be built or sent. */
  fault: (type: XdsType) => void;
}

/** The ids of the types that other types depend on. */
type KnownId = 'listener' | 'cluster' | 'endpoints' | 'routes' | 'secret' | 'scope';

/** The state of one xDS client that all resource types share. */
export class Client {
  readonly catalog: Catalog;
  readonly stream: Stream;
  readonly probe: string | undefined;
  readonly tenantClients: number;
  readonly ledger: Ledger;
  readonly rejections: Rejections;
  readonly reports: RejectionReports;
  readonly listenerRejections: ListenerRejections;
  readonly listenerChains: ListenerChains;
  readonly tenantChains = new TenantChains(this);
  readonly owners = new Owners();
  readonly use: ClusterUse;
  readonly secrets = new SecretUse();
  readonly serverNames: ServerNames;
  readonly watched = new WatchedClusters();
  readonly scopes: ScopeSync;
  readonly routes: RouteAnswers;
  readonly eviction: Eviction;
  readonly lanes: ReadonlyMap<XdsType, Lane>;
  readonly handlers: ReadonlyMap<XdsType, TypeHandlers>;
  /** Sends the resources that are due. */
  readonly flush: () => void;
  #view: View | undefined;
  readonly #byId: ReadonlyMap<string, Lane>;

  constructor(options: ClientOptions, flush: () => void) {
    const { types, catalog, stream, log, changed } = options;
    const node = stream.node.id;
    this.catalog = catalog;
    this.flush = flush;
    this.stream = stream;
    this.probe = options.probe;
    this.tenantClients = options.tenantClients;
    this.ledger = new Ledger(options.moved);
    this.rejections = new Rejections(changed, () => [
      ...catalog.state.lastGood.rejections((name, refused) => this.routes.serves(name, refused)),
      ...catalog.state.replica.heldBack.rejections,
    ]);
    this.reports = new RejectionReports({ ...options, owners: this.owners, rejections: this.rejections, node });
    const retry = (name: string) => {
      this.lane('listener').mark(name);
      flush();
    };
    // Responses of SotW cannot say that a secret is removed.
    const limit = stream.protocol === 'delta' ? options.serverNames : Number.POSITIVE_INFINITY;
    this.serverNames = new ServerNames(limit, (name, isRemoved) => {
      if (isRemoved) return this.lane('secret').mark(name);
      this.lane('secret').request(name);
      flush();
    });
    this.listenerRejections = new ListenerRejections({ node, log, changed, retry });
    this.listenerChains = new ListenerChains({
      resend: (name) => this.lane('listener').mark(name),
      rejected: (...rejection) => this.reports.chainRejected(...rejection),
      settled: (name, chain) => this.reports.chainSettled(name, chain),
    });
    this.handlers = new Map(types.map((type) => [type, type.open(this)]));
    this.lanes = new Map([...this.handlers].map(([type, handlers]) => [type, this.#lane(type, handlers)]));
    this.#byId = new Map([...this.lanes].map(([{ id }, lane]) => [id, lane]));
    const typeWith = (id: KnownId) => types.find((type) => type.id === id)!; // the lane above was found
    this.use = new ClusterUse(this.lane('cluster'));
    this.scopes = new ScopeSync(catalog.state, stream, typeWith('scope').url, this.lane('scope'), (key) =>
      this.view.hasScope(key),
    );
    this.routes = new RouteAnswers({
      ...options,
      // This is the only type whose resources are routes.
      type: typeWith('routes') as XdsType<Routes>,
      owners: this.owners,
      reports: this.reports,
      use: this.use,
      scopes: this.scopes,
      lane: this.lane('routes'),
      acked: (entry) => this.ledger.acked(entry),
      live: (entry) => this.ledger.live(entry),
    });
    this.eviction = new Eviction(this.use, this.scopes);
  }

  /** The view of the client's role. @throws Error before the client's first subscription */
  get view(): View {
    if (!this.#view) throw new Error('the client has not subscribed to anything');
    return this.#view;
  }

  set view(view: View) {
    this.#view = view;
  }

  /** The view; undefined before the client's first subscription. */
  get knownView(): View | undefined {
    return this.#view;
  }

  /** Returns the lane of a type. @throws Error when the list of types lacks the type */
  lane(id: KnownId): Lane {
    const lane = this.#byId.get(id);
    if (!lane) throw new Error(`no type of resource has the id ${id}`);
    return lane;
  }

  /** Makes the routes and listeners that use a cluster due again, because the cluster or its endpoints were sent. */
  clusterSent(cluster: string): void {
    this.routes.clusterSent(cluster);
    this.#reconsiderListeners(cluster);
  }

  /** Handles a cluster that the client cannot use. @param reason completes "it needs the cluster x, which …" */
  clusterFailed(cluster: string, reason: string): void {
    this.routes.clusterFailed(cluster, reason);
    this.#reconsiderListeners(cluster);
  }

  #reconsiderListeners(cluster: string): void {
    for (const user of this.use.users(cluster)) this.lane('listener').reconsider(user);
  }

  /** Sends one response. @returns the nonce */
  send(type: XdsType, resources: readonly XdsResource[], removed: readonly string[]): string {
    return this.stream.send(type.url, resources, removed);
  }

  #lane(type: XdsType, handlers: TypeHandlers): Lane {
    return new Lane({
      ...type.pace,
      turnOf: handlers.turnOf ?? ((name) => this.owners.owner(type, name) ?? name),
      send: handlers.send ?? ((resources, removed) => this.send(type, resources, removed)),
      handlers,
      wake: () => this.flush(),
      acked: (entry) => this.ledger.acked(entry),
    });
  }
}
