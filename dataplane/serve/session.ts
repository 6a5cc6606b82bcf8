import type { EndpointState } from '../../wire/endpoint-health.ts';
import type { NodeStatus, Rejection } from '../../wire/feed.ts';
import type { TypeUrl } from '../xds/resource.ts';
import type { Node, Session as XdsSession } from '../xds/stream.ts';
import { Client, type ClientOptions } from './client.ts';
import type { TenantChange } from './intake/tenant-events.ts';
import type { Entry, Ledger } from './sending/ledger.ts';
import { unresolvedIn } from './state/unresolved.ts';
import { hasWatch } from './state/upstream-resources.ts';
import type { TypeHandlers, XdsType } from './type.ts';
import type { View } from './view.ts';

export interface SessionOptions extends ClientOptions {
  /** Chooses the view of a client from its node data, and from whether its first subscription names listeners. */
  viewOf: (node: Node, namesListeners: boolean) => View;
  /** The feed sequence number up to which the replica has applied events. */
  cursor: number;
  /** Revisions that arrived only as part of a later one, before the client connected. */
  skipped: readonly Rejection[];
  closed: () => void;
}

/**
 * The state of one client on its xDS stream. It records which versions the client holds, which resources are due, and
 * which feed events the client has acknowledged. The rules for single resource types are in `types/`.
 */
export class Session implements XdsSession {
  readonly #options: SessionOptions;
  readonly #client: Client;
  readonly #types: ReadonlyMap<TypeUrl, XdsType>;
  /** A ledger entry that stays open until the client holds everything that was stored when it connected. */
  #connected: Entry | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#types = new Map(options.types.map((type) => [type.url, type]));
    this.#client = new Client(options, () => this.flush());
    this.#client.rejections.pass(options.skipped);
    this.#connected = this.ledger.open(options.cursor, '', 0);
  }

  get node(): string {
    return this.#options.stream.node.id;
  }

  /** The clusters of this client whose endpoints can become unhealthy. */
  get watched(): ReadonlySet<string> {
    const { watched, catalog } = this.#client;
    const { sent } = this.#client.lane('cluster');
    return watched.examine((name) => sent.has(name) && hasWatch(catalog.state, name));
  }

  /** The clusters of this client that need names with a problem. */
  get unresolved(): ReadonlyMap<string, EndpointState[]> {
    const { state } = this.#client.catalog;
    const found = [...state.names.problems].filter(([cluster]) => this.usesEndpoints(cluster));
    return new Map(found.map(([cluster, problems]) => [cluster, unresolvedIn(state, cluster, problems)]));
  }

  get ledger(): Ledger {
    return this.#client.ledger;
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
      rejections: this.#client.rejections.all,
      listenerRejections: this.#client.listenerRejections.all,
    };
  }

  /** Lists the resources that were sent to this client: type URL, then name, then version. */
  dump(): Record<string, Record<string, string>> {
    const byType = [...this.#client.lanes].filter(([{ pace }]) => !pace.versionless);
    return Object.fromEntries(
      byType.map(([{ url }, lane]) => [url, Object.fromEntries([...lane.sent].sort(([a], [b]) => (a < b ? -1 : 1)))]),
    );
  }

  /** Notes that the API accepted a report with this status of the node. */
  reported({ rejections }: NodeStatus): void {
    this.#client.rejections.reported(rejections);
  }

  /**
   * Marks every name that the change may affect, if the client has the name or requested it. This method sends nothing.
   * The caller calls {@link flush} once after a batch of changes.
   */
  apply(change: TenantChange): void {
    const { ledger, reports, handlers, owners, lanes } = this.#client;
    const entry = ledger.open(change.seq, change.tenant, change.revision, change.transition, change.behind);
    try {
      reports.applied(change);
      for (const [type, each] of handlers) if (this.#isServed(type)) each.changed?.(change, entry);
      for (const [type, names] of owners.of(change.tenant)) {
        if (!type.isChangedBy(change)) continue;
        for (const name of names) {
          const lane = lanes.get(type)!;
          // What the client does not hold is tried again in any case.
          if (type.isUnaffectedBy?.(change, name) && (lane.sent.has(name) || lane.isPending(name))) continue;
          handlers.get(type)?.retry?.(name);
          lane.mark(name, entry);
        }
      }
    } finally {
      this.#finish(entry);
    }
  }

  /** Whether the client has endpoints of this cluster, or waits for them. */
  usesEndpoints(cluster: string): boolean {
    const lane = this.#client.lane('endpoints');
    return lane.mayHold(cluster) || lane.isPending(cluster);
  }

  /** Sends the endpoints of clusters again, because the addresses of their DNS names changed. */
  namesChanged(clusters: Iterable<string>): void {
    const lane = this.#client.lane('endpoints');
    for (const cluster of clusters) {
      if (!this.usesEndpoints(cluster)) continue;
      lane.mark(cluster);
      lane.reconsider(cluster);
    }
    this.flush();
  }

  /**
   * Evicts the hosts that had no requests for `idle` milliseconds.
   *
   * @param clusters the clusters that had requests since the last call
   * @returns the number of evicted hosts
   */
  evict(clusters: readonly string[], idle: number): number {
    const evicted = this.#client.eviction.run(clusters, idle);
    if (evicted > 0) this.flush();
    return evicted;
  }

  /**
   * Handles a new description of the fleet, or the end of the first snapshot. It marks the resources that depend on the
   * description, and makes postponed names due.
   *
   * @param cursor the last feed sequence number before the fleet changed; this client's cursors pass it once the client
   *   has the fleet's current listeners
   */
  reconsider(cursor: number): void {
    const entry = this.ledger.open(cursor, '', 0);
    const { handlers, lanes } = this.#client;
    for (const [type, lane] of lanes) {
      if (!this.#isServed(type)) continue;
      for (const name of handlers.get(type)?.fleetChanged?.() ?? []) lane.mark(name, entry);
      lane.reconsiderAll();
    }
    this.#finish(entry);
    this.flush();
  }

  /**
   * Notes that a snapshot ended at `seq`. The client's cursors pass `seq` once the client has everything that the
   * snapshot changed, even if the snapshot changed nothing.
   */
  passSnapshot(seq: number): void {
    this.#finish(this.ledger.open(seq, '', 0));
  }

  /** Sends due resources, up to the limits on responses under way. */
  flush(): void {
    this.#client.scopes.pump();
    for (const lane of this.#client.lanes.values()) lane.flush();
    if (this.#connected && this.#hasCaughtUp()) {
      this.#finish(this.#connected);
      this.#connected = undefined;
    }
  }

  onSubscribe(url: TypeUrl, names: readonly string[], wildcard: boolean, have: ReadonlyMap<string, string>): void {
    const { type, lane, handlers } = this.#of(url);
    const { stream, viewOf } = this.#options;
    if (!this.#client.knownView) this.#client.view = viewOf(stream.node, type.id === 'listener' && !wildcard);
    if (!this.#isServed(type)) {
      stream.send(url, [], names);
      return;
    }
    for (const [name, version] of have) {
      if (!type.pace.versionless) lane.sent.set(name, version);
      handlers.brought?.(name, version);
    }
    for (const name of names) {
      if (have.has(name)) lane.mark(name);
      else lane.request(name);
      handlers.subscribed?.(name);
    }
    if (wildcard) handlers.subscribedToAll?.(have);
    this.flush();
    if (wildcard && lane.idle && (handlers.isKnown?.() ?? true)) stream.send(url, [], []);
  }

  onUnsubscribe(url: TypeUrl, names: readonly string[]): void {
    const { type, lane, handlers } = this.#of(url);
    const { owners, reports } = this.#client;
    for (const name of names) {
      lane.forget(name);
      owners.forget(type, name);
      reports.settled(type, name);
      handlers.unsubscribed?.(name);
    }
    this.flush();
  }

  onAck(url: TypeUrl, nonce: string): void {
    const { lane, handlers } = this.#of(url);
    handlers.answered?.();
    lane.ack(nonce);
    this.flush();
  }

  onNack(url: TypeUrl, nonce: string, message: string): void {
    this.#of(url).lane.nack(nonce, message);
    this.flush();
  }

  onClose(): void {
    for (const handlers of this.#client.handlers.values()) handlers.closed?.();
    for (const lane of this.#client.lanes.values()) lane.close();
    this.#options.closed();
  }

  /** Returns whether clients of this role get resources of the type; false before the client's first subscription. */
  #isServed({ servedTo }: XdsType): boolean {
    const view = this.#client.knownView;
    return view !== undefined && servedTo[view.role];
  }

  /** Finds the state of a resource type. The stream calls this class only for types that the agent serves. */
  #of(url: TypeUrl): { type: XdsType; lane: ReturnType<Client['lane']>; handlers: TypeHandlers } {
    const type = this.#types.get(url)!;
    return { type, lane: this.#client.lanes.get(type)!, handlers: this.#client.handlers.get(type)! };
  }

  #hasCaughtUp(): boolean {
    const { catalog, scopes, lanes, knownView: view } = this.#client;
    if (!view || !catalog.state.complete || !scopes.done) return false;
    return (!view.usesScopes || scopes.isAnswered) && [...lanes.values()].every((lane) => lane.idle);
  }

  /** Releases the two counts with which `Ledger.open` opened the event. */
  #finish(entry: Entry): void {
    this.ledger.acked(entry);
    this.ledger.live(entry);
  }
}
