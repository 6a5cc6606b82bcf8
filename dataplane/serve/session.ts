import type { NodeStatus } from '../../wire/feed.ts';
import { parseClusterName } from '../compile/index.ts';
import type { Log } from '../log.ts';
import type { Prober } from '../status/probe.ts';
import { TYPES, type TypeUrl } from '../xds/resource.ts';
import type { Stream, Session as XdsSession } from '../xds/stream.ts';
import type { Catalogue } from './catalogue.ts';
import { ClusterUse } from './cluster-use.ts';
import { Desire } from './desire.ts';
import { Eviction } from './eviction.ts';
import type { Change } from './intake.ts';
import type { Lane } from './lane.ts';
import { type Lanes, makeLanes } from './lanes.ts';
import { type Cursor, type Entry, Ledger } from './ledger.ts';
import { ListenerRefusals } from './listener-refusals.ts';
import { mark } from './mark.ts';
import { Owners } from './owners.ts';
import { Refusals } from './refusals.ts';
import { Rejections } from './rejections.ts';
import { RouteAnswers } from './route-answers.ts';
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
  /** Called when a cursor moved. */
  moved: (cursor: Cursor) => void;
  /** Called when rejections changed. */
  changed: () => void;
  /** Called for each resource that could not be built or sent. */
  fault: (type: TypeUrl) => void;
  closed: () => void;
}

/**
 * One Envoy on its stream: which names it holds in which version, what is due to it, and how far it has come.
 */
export class Session implements XdsSession {
  readonly ledger: Ledger;
  readonly #options: SessionOptions;
  readonly #rejections: Rejections;
  readonly #listenerRefusals: ListenerRefusals;
  readonly #refusals: Refusals;
  readonly #owners = new Owners();
  readonly #use: ClusterUse;
  readonly #desire: Desire;
  readonly #routes: RouteAnswers;
  readonly #lanes: Lanes;
  readonly #scopes: ScopeSync;
  readonly #eviction: Eviction;
  /** Held open until the client has caught up with what was there when it came. */
  #connected: Entry | undefined;
  /**
   * Whether the client answered a response to its subscription to scopes. A client that comes back asks for everything that it holds before it
   * answers anything, but not in one message: until then a host that it has loaded looks like one that nobody asked for.
   */
  #hasAskedForAll = false;
  #grace: NodeJS.Timeout | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.ledger = new Ledger(options.moved);
    this.#rejections = new Rejections(options.changed, () =>
      options.catalogue.lastGood.rejections((name, refused) => this.#routes.serves(name, refused)),
    );
    this.#refusals = new Refusals({
      ...options,
      owners: this.#owners,
      rejections: this.#rejections,
      node: options.stream.node.id,
    });
    this.#listenerRefusals = new ListenerRefusals({
      node: options.stream.node.id,
      log: options.log,
      changed: options.changed,
      retry: (name) => {
        this.#lanes[TYPES.listener].mark(name);
        this.flush();
      },
    });
    this.#lanes = makeLanes({
      stream: options.stream,
      owners: this.#owners,
      refusals: this.#refusals,
      listenerRefusals: this.#listenerRefusals,
      acked: (entry) => this.ledger.acked(entry),
      desire: () => this.#desire,
      use: () => this.#use,
      routes: () => this.#routes,
      scopes: () => this.#scopes,
    });
    this.#use = new ClusterUse(this.#lanes[TYPES.cluster]);
    this.#desire = new Desire({
      ...options,
      owners: this.#owners,
      use: this.#use,
      routes: () => this.#routes,
      lanes: { cds: this.#lanes[TYPES.cluster], eds: this.#lanes[TYPES.endpoints], rds: this.#lanes[TYPES.routes] },
    });
    this.#scopes = new ScopeSync(options.catalogue, options.stream, this.#lanes[TYPES.scope]);
    this.#routes = new RouteAnswers({
      ...options,
      owners: this.#owners,
      refusals: this.#refusals,
      use: this.#use,
      scopes: this.#scopes,
      lane: this.#lanes[TYPES.routes],
      acked: (entry) => this.ledger.acked(entry),
      live: (entry) => this.ledger.live(entry),
    });
    this.#eviction = new Eviction(this.#use, this.#scopes);
    this.#rejections.pass(options.catalogue.skipped);
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
      rejections: this.#rejections.all,
      listenerRejections: this.#listenerRefusals.all,
    };
  }

  /** Names and versions of what this Envoy was sent, by type. */
  dump(): Record<string, Record<string, string>> {
    const byType = Object.entries(this.#lanes).filter(([type]) => type !== TYPES.scope);
    return Object.fromEntries(
      byType.map(([type, lane]) => [type, Object.fromEntries([...lane.sent].sort(([a], [b]) => (a < b ? -1 : 1)))]),
    );
  }

  /** The API accepted a report with this status of the node. */
  reported({ rejections }: NodeStatus): void {
    this.#rejections.reported(rejections);
  }

  /** Marks what one event touches of what this Envoy holds. The caller flushes once after a batch of events. */
  take(change: Change): void {
    const entry = this.ledger.open(change.seq, change.tenant, change.revision, change.step);
    try {
      this.#refusals.took(change);
      mark(change, entry, {
        stream: this.#options.stream,
        owners: this.#owners,
        lanes: this.#lanes,
        scopes: this.#scopes,
        use: this.#use,
      });
    } finally {
      this.#finish(entry);
    }
  }

  /** Evicts hosts without requests for `idle` ms. @param clusters those that had requests @returns how many hosts */
  evict(clusters: readonly string[], idle: number): number {
    const evicted = this.#eviction.run(clusters, idle);
    if (evicted > 0) this.flush();
    return evicted;
  }

  /**
   * Marks all listeners, and everything that was held back until the whole fleet was known.
   *
   * @param cursor last feed sequence number before the fleet changed; this client passes it once it has the fleet's
   *   current listeners
   */
  reconsider(cursor: number): void {
    const entry = this.ledger.open(cursor, '', 0);
    const { sent } = this.#lanes[TYPES.listener];
    const names = new Set([...sent.keys(), ...this.#listenerRefusals.names, ...this.#listenerNames()]);
    if (this.#options.stream.wildcard(TYPES.listener))
      for (const name of names) this.#lanes[TYPES.listener].mark(name, entry);
    for (const lane of Object.values(this.#lanes)) lane.reconsiderAll();
    this.#finish(entry);
    this.flush();
  }

  /**
   * A snapshot ended at `seq`. This client passes it once it has everything the snapshot changed, even if that is
   * nothing.
   */
  passSnapshot(seq: number): void {
    this.#finish(this.ledger.open(seq, '', 0));
  }

  flush(): void {
    this.#scopes.pump();
    for (const lane of Object.values(this.#lanes)) lane.flush();
    if (this.#connected && this.#hasCaughtUp()) {
      this.#finish(this.#connected);
      this.#connected = undefined;
    }
  }

  onSubscribe(type: TypeUrl, names: readonly string[], wildcard: boolean, have: ReadonlyMap<string, string>): void {
    const lane = this.#lanes[type];
    for (const [name, version] of have) {
      if (type !== TYPES.scope) lane.sent.set(name, version);
      if (type === TYPES.routes) this.#routes.brought(name, version);
      // Nothing is sent for what the client holds as it is, and routes may wait for it.
      if (type === TYPES.cluster || type === TYPES.endpoints) this.#desire.reconsiderRoutes(name);
    }
    for (const name of names) {
      if (have.has(name)) lane.mark(name);
      else lane.ask(name);
      if (type === TYPES.routes) this.#eviction.used(name);
    }
    if (wildcard) this.#subscribeAll(type, lane, have);
    this.flush();
    if (wildcard && lane.idle && (type !== TYPES.listener || this.#options.catalogue.fleet))
      this.#options.stream.send(type, [], []);
  }

  onUnsubscribe(type: TypeUrl, names: readonly string[]): void {
    const lane = this.#lanes[type];
    for (const name of names) {
      lane.forget(name);
      this.#owners.forget(type, name);
      this.#refusals.settled(type, name);
      if (type === TYPES.routes) {
        this.#routes.release(name);
        this.#use.release(name);
        this.#eviction.released(name);
      }
    }
    this.flush();
  }

  onAck(type: TypeUrl, nonce: string): void {
    if (type === TYPES.scope) this.#hasAskedForAll = true;
    this.#lanes[type].ack(nonce);
    this.flush();
  }

  onNack(type: TypeUrl, nonce: string, message: string): void {
    this.#lanes[type].nack(nonce, message);
    this.flush();
  }

  onClose(): void {
    clearTimeout(this.#grace);
    this.#listenerRefusals.close();
    this.#options.closed();
  }

  #subscribeAll(type: TypeUrl, lane: Lane, have: ReadonlyMap<string, string>): void {
    if (type === TYPES.scope) this.#scopes.start(have);
    if (type === TYPES.listener) {
      for (const name of [...have.keys(), ...this.#listenerNames()]) lane.mark(name);
    }
    if (type === TYPES.cluster) {
      for (const name of have.keys()) this.#owners.own(type, name, parseClusterName(name).tenant);
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
    const isAsking = stream.protocol === 'sotw' || this.#hasAskedForAll;
    return catalogue.complete && isAsking && this.#scopes.done && Object.values(this.#lanes).every((lane) => lane.idle);
  }

  /** Releases the holds an event was opened with. */
  #finish(entry: Entry): void {
    this.ledger.acked(entry);
    this.ledger.live(entry);
  }

  /** The fleet's listeners; none when they cannot be built, which is reported. */
  #listenerNames(): Iterable<string> {
    try {
      return this.#desire.listeners()?.keys() ?? [];
    } catch (error) {
      this.#refusals.failed(TYPES.listener, '', [], error);
      return [];
    }
  }
}
