import type { NodeStatus, Rejection } from '../../wire/feed.ts';
import { proxylessName } from '../compile/index.ts';
import type { Log } from '../log.ts';
import type { Prober } from '../status/probe.ts';
import { TYPES, type TypeUrl, type XdsResource } from '../xds/resource.ts';
import type { Stream, Session as XdsSession } from '../xds/stream.ts';
import { blame } from './blame.ts';
import { type Catalogue, type Change, ownerOf } from './catalogue.ts';
import { ClusterUse } from './cluster-use.ts';
import { type Desired, Lane, type LaneOptions } from './lane.ts';
import { type Entry, Ledger } from './ledger.ts';
import { Owners } from './owners.ts';
import { ScopeSync } from './scope-sync.ts';

/** Clusters a reconnecting Envoy held are kept this long for the routes it is about to ask for. */
const CLUSTER_GRACE_MS = 30_000;

export interface SessionOptions {
  catalogue: Catalogue;
  stream: Stream;
  prober: Prober | undefined;
  probe: string | undefined;
  /** Feed sequence number the catalogue stands at. */
  cursor: number;
  log: Log;
  /** Called when cursors or rejections changed. */
  changed: () => void;
  closed: () => void;
}

/**
 * One Envoy on its stream: which names it holds in which version, what it is owed, and how far it has come.
 * Resources go one a response, so that a bad one hurts nobody else; scopes, unique by construction, by the thousand.
 */
export class Session implements XdsSession {
  readonly ledger: Ledger;
  readonly #options: SessionOptions;
  readonly #rejections = new Map<string, Rejection[]>();
  readonly #owners = new Owners();
  readonly #use: ClusterUse;
  readonly #good = new Map<string, XdsResource>();
  readonly #lanes: Map<TypeUrl, Lane>;
  readonly #cds: Lane;
  readonly #eds: Lane;
  readonly #rds: Lane;
  readonly #sds: Lane;
  readonly #lds: Lane;
  readonly #srds: Lane;
  readonly #scopes: ScopeSync;
  /** Held open until the client has caught up with what was there when it came. */
  #connected: Entry | undefined;
  #grace: NodeJS.Timeout | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.ledger = new Ledger(options.changed);
    const lane = (type: TypeUrl, more: Pick<LaneOptions, 'desired'> & Partial<LaneOptions>) =>
      new Lane({
        type,
        batch: 1,
        window: 128,
        send: (url, resources, removed) => options.stream.send(url, resources, removed),
        acked: (entry) => this.ledger.acked(entry),
        refused: (name, resource, _entries, message) => this.#refuse(type, name, resource, message),
        ...more,
      });
    this.#lds = lane(TYPES.listener, { desired: (name) => this.#listener(name) });
    this.#cds = lane(TYPES.cluster, {
      desired: (name) => this.#cluster(name),
      refused: (name, resource, _entries, message) => this.#refuseCluster(name, resource, message),
    });
    this.#eds = lane(TYPES.endpoints, { desired: (name) => this.#endpoints(name) });
    this.#rds = lane(TYPES.routes, {
      desired: (name) => this.#routes(name),
      settled: (name, resource, entries) => this.#routesSettled(name, resource, entries),
    });
    this.#sds = lane(TYPES.secret, { desired: (name) => this.#secret(name) });
    this.#srds = lane(TYPES.scope, {
      batch: 1000,
      window: 1,
      versionless: true,
      desired: (name) => this.#orAbsent(options.catalogue.scope(name.slice(2))),
    });
    this.#use = new ClusterUse(this.#cds);
    this.#scopes = new ScopeSync(options.catalogue, this.#srds);
    // The order of the lanes is the order of a flush: what is referred to goes before what refers to it.
    this.#lanes = new Map([
      [TYPES.listener, this.#lds],
      [TYPES.cluster, this.#cds],
      [TYPES.endpoints, this.#eds],
      [TYPES.routes, this.#rds],
      [TYPES.secret, this.#sds],
      [TYPES.scope, this.#srds],
    ]);
    this.#connected = this.ledger.open(options.cursor, '', 0);
  }

  get node(): string {
    return this.#options.stream.node.id;
  }

  get status(): NodeStatus {
    const { ackedCursor: acked, liveCursor: live } = this.ledger;
    const { userAgent: version } = this.#options.stream.node;
    return {
      node: this.node,
      version,
      connected: true,
      acked,
      live,
      rejections: [...this.#rejections.values()].flat(),
    };
  }

  /** Names and versions of what this Envoy was sent, by type. */
  dump(): Record<string, Record<string, string>> {
    const byType = [...this.#lanes].filter(([type]) => type !== TYPES.scope);
    return Object.fromEntries(
      byType.map(([type, lane]) => [type, Object.fromEntries([...lane.sent].sort(([a], [b]) => (a < b ? -1 : 1)))]),
    );
  }

  /** Marks what one event touches of what this Envoy holds. The caller flushes once after a batch of events. */
  take(change: Change): void {
    const entry = this.ledger.open(change.seq, change.tenant, change.revision);
    if (this.#rejections.delete(change.tenant)) this.#options.changed();
    for (const key of change.scopesAdded) {
      this.#markScope(key, entry);
      for (const name of [key, proxylessName(key)]) {
        if (this.#options.stream.subscribed(TYPES.routes, name)) this.#rds.mark(name, entry);
      }
    }
    for (const key of change.scopesRemoved) {
      // A loaded host gets an empty RouteConfiguration first; its scope goes once that is acknowledged.
      if (this.#rds.sent.has(key)) this.#rds.mark(key, entry);
      else this.#markScope(key, entry);
    }
    for (const [type, names] of this.#owners.of(change.tenant)) {
      for (const name of names) {
        if (type === TYPES.cluster) this.#use.retry(name);
        this.#lanes.get(type)!.mark(name, entry);
      }
    }
    this.#finish(entry);
  }

  /** Listeners and everything that was waiting for the whole to be known. */
  reconsider(): void {
    const { catalogue, stream, probe } = this.#options;
    const names = new Set([...this.#lds.sent.keys(), ...(catalogue.listeners(probe ? { probe } : {})?.keys() ?? [])]);
    if (stream.wildcard(TYPES.listener)) for (const name of names) this.#lds.mark(name);
    for (const lane of this.#lanes.values()) lane.reconsiderAll();
    this.#scopes.completed();
    this.flush();
  }

  flush(): void {
    this.#scopes.pump();
    for (const lane of this.#lanes.values()) lane.flush();
    if (this.#connected && this.#hasCaughtUp()) {
      this.#finish(this.#connected);
      this.#connected = undefined;
    }
  }

  onSubscribe(type: TypeUrl, names: readonly string[], wildcard: boolean, have: ReadonlyMap<string, string>): void {
    const lane = this.#lanes.get(type);
    if (!lane) return;
    for (const [name, version] of have) if (type !== TYPES.scope) lane.sent.set(name, version);
    for (const name of names) {
      if (have.has(name)) lane.mark(name);
      else lane.ask(name);
      if (type === TYPES.endpoints) this.#reconsiderRoutesOf(name);
    }
    if (wildcard) this.#subscribeAll(type, lane, have);
    this.flush();
    if (wildcard && lane.idle && (type !== TYPES.listener || this.#options.catalogue.fleet))
      this.#options.stream.send(type, [], []);
  }

  onUnsubscribe(type: TypeUrl, names: readonly string[]): void {
    const lane = this.#lanes.get(type);
    for (const name of names) {
      lane?.forget(name);
      this.#owners.forget(type, name);
      if (type === TYPES.routes) {
        this.#good.delete(name);
        this.#use.release(name);
      }
    }
    this.flush();
  }

  onAck(type: TypeUrl, nonce: string): void {
    this.#lanes.get(type)?.ack(nonce);
    this.flush();
  }

  onNack(type: TypeUrl, nonce: string, message: string): void {
    this.#lanes.get(type)?.nack(nonce, message);
    this.flush();
  }

  onClose(): void {
    clearTimeout(this.#grace);
    this.#options.closed();
  }

  #subscribeAll(type: TypeUrl, lane: Lane, have: ReadonlyMap<string, string>): void {
    if (type === TYPES.scope) this.#scopes.start(have);
    if (type === TYPES.listener) {
      const { catalogue, probe } = this.#options;
      for (const name of [...have.keys(), ...(catalogue.listeners(probe ? { probe } : {})?.keys() ?? [])])
        lane.mark(name);
    }
    if (type === TYPES.cluster) {
      for (const name of have.keys()) this.#owners.own(type, name, ownerOf(name));
      this.#use.adopt(have.keys());
      this.#grace = setTimeout(() => {
        this.#use.dropAdopted();
        this.flush();
      }, CLUSTER_GRACE_MS);
      this.#grace.unref();
    }
  }

  /** Clients other than Envoy never ask for scopes. */
  #hasCaughtUp(): boolean {
    const { stream, catalogue } = this.#options;
    const isAsking = stream.protocol === 'sotw' || stream.wildcard(TYPES.scope);
    return catalogue.complete && isAsking && this.#scopes.done && [...this.#lanes.values()].every((lane) => lane.idle);
  }

  /** Not before scopes were subscribed to: Envoy answers nothing it did not ask for, and then it is told all there are. */
  #markScope(key: string, entry: Entry): void {
    if (this.#options.stream.wildcard(TYPES.scope)) this.#srds.mark(`s/${key}`, entry);
  }

  /** Lets go of the holds an event was opened with. */
  #finish(entry: Entry): void {
    this.ledger.acked(entry);
    this.ledger.live(entry);
  }

  #orAbsent(resource: XdsResource | undefined): Desired {
    if (resource) return resource;
    return this.#options.catalogue.complete ? 'absent' : 'later';
  }

  #listener(name: string): Desired {
    const { catalogue, probe } = this.#options;
    const listeners = catalogue.listeners(probe ? { probe } : {});
    if (!listeners) return 'later';
    return listeners.get(name) ?? this.#orAbsent(catalogue.apiListener(name));
  }

  #cluster(name: string): Desired {
    this.#owners.own(TYPES.cluster, name, ownerOf(name));
    const wanted =
      this.#use.wanted(name) ||
      (!this.#options.stream.wildcard(TYPES.cluster) && this.#options.stream.subscribed(TYPES.cluster, name));
    const cluster = wanted ? this.#options.catalogue.cluster(name) : undefined;
    // Deleted, but routes that Envoy holds still send requests there: it goes with the last of them.
    if (wanted && !cluster && this.#cds.sent.has(name)) return 'keep';
    const desired = this.#orAbsent(cluster);
    if (desired === 'absent') {
      this.#owners.forget(TYPES.cluster, name);
      // Envoy drops the endpoints with the cluster; should it come back, they must come again before its routes.
      this.#eds.sent.delete(name);
    } else if (
      typeof desired === 'object' &&
      this.#cds.sent.get(name) !== desired.version &&
      this.#eds.sent.has(name)
    ) {
      // A changed cluster warms anew, and warms only when its endpoints come again.
      // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#resource-warming
      this.#eds.ask(name);
    }
    return desired;
  }

  #endpoints(name: string): Desired {
    this.#owners.own(TYPES.endpoints, name, ownerOf(name));
    return this.#orAbsent(this.#options.catalogue.endpoints(name));
  }

  #routes(key: string): Desired {
    const { catalogue, stream } = this.#options;
    const routes = catalogue.routes(key);
    if (!routes.tenant && !catalogue.complete) return 'later';
    if (routes.tenant) this.#owners.own(TYPES.routes, key, routes.tenant);
    // A client that asks for clusters by name asks once it has read the routes.
    if (!stream.wildcard(TYPES.cluster)) return routes.resource;
    this.#use.claim(key, routes.clusters);
    this.#cds.flush();
    if (!routes.clusters.every((cluster) => this.#isReady(cluster, key))) return 'later';
    return routes.resource;
  }

  /** Whether requests may be sent to a cluster once Envoy has read what is already on the stream. */
  #isReady(cluster: string, key: string): boolean {
    if (this.#use.failed(cluster)) return !this.#good.has(key);
    if (!this.#cds.sent.has(cluster)) return !this.#options.catalogue.cluster(cluster);
    return this.#options.catalogue.endpoints(cluster) === undefined || this.#eds.sent.has(cluster);
  }

  #reconsiderRoutesOf(cluster: string): void {
    this.#eds.flush();
    for (const key of this.#use.users(cluster)) this.#rds.reconsider(key);
  }

  #routesSettled(key: string, resource: XdsResource | undefined, entries: readonly Entry[]): void {
    const { catalogue, prober, stream } = this.#options;
    const routes = catalogue.routes(key);
    if (!resource || routes.resource.version !== resource.version) return;
    this.#good.set(key, resource);
    this.#use.settle(key, routes.clusters);
    if (!routes.tenant) {
      this.#owners.forget(TYPES.routes, key);
      if (catalogue.complete && entries.length > 0) for (const entry of entries) this.#markScope(key, entry);
      return;
    }
    if (routes.insteadOf)
      this.#reject(
        routes.tenant,
        routes.revision,
        `routes`,
        '',
        'the proxy refused this revision; the last good one serves',
      );
    if (!prober || !stream.subscribed(TYPES.routes, key)) return;
    for (const entry of entries) entry.toLive++;
    if (entries.length === 0) return;
    prober
      .see(key, resource.version, () => this.#rds.sent.get(key) !== resource.version)
      .then((seen) => {
        if (!seen)
          this.#reject(
            routes.tenant!,
            routes.revision,
            'routes',
            '',
            `acknowledged, but not seen through the proxy on ${key}`,
          );
        for (const entry of entries) this.ledger.live(entry);
      });
  }

  #secret(name: string): Desired {
    const found = this.#options.catalogue.secret(name);
    if (found) this.#owners.own(TYPES.secret, name, found.tenant);
    else this.#owners.forget(TYPES.secret, name);
    return this.#orAbsent(found?.resource);
  }

  #refuse(type: TypeUrl, name: string, resource: XdsResource | undefined, message: string): void {
    const { catalogue, log } = this.#options;
    // Envoy may quote the resource in its complaint, and a secret's holds the private key.
    const words = type === TYPES.secret ? 'the proxy refused the certificate or its key' : message;
    log.warn({ node: this.node, type, name, message: words }, 'the proxy refused a resource');
    const tenant = this.#owners.owner(type, name);
    if (!tenant) return;
    const fault = blame(catalogue.configuration(tenant), words, type, name);
    this.#reject(tenant, catalogue.revision(tenant), fault.resource, fault.path, words);
    const good = this.#good.get(name);
    if (type !== TYPES.routes || !resource) return;
    if (good) {
      catalogue.keepLastGood(name, tenant, resource.version, good);
      this.#rds.sent.set(name, good.version);
    } else this.#options.stream.send(type, [catalogue.nothing(name)], []);
  }

  #refuseCluster(name: string, resource: XdsResource | undefined, message: string): void {
    this.#refuse(TYPES.cluster, name, resource, message);
    this.#use.fail(name);
    for (const key of this.#use.users(name)) {
      if (this.#good.has(key)) this.#rds.forget(key);
      else this.#rds.reconsider(key);
    }
  }

  #reject(tenant: string, revision: number, resource: string, path: string, message: string): void {
    const known = this.#rejections.get(tenant)?.filter((rejection) => rejection.revision === revision) ?? [];
    this.#rejections.set(tenant, [...known, { tenant, revision, resource, path, message }].slice(-20));
    this.#options.changed();
  }
}
