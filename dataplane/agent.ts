import { join } from 'node:path';
import type { FeedEvent, FleetDescription, NodeStatus } from '../wire/feed.ts';
import { type Milestone, passed } from '../wire/milestones.ts';
import { FeedClient } from './feed/client.ts';
import { isDamage } from './feed/damage.ts';
import { Gaps } from './feed/gaps.ts';
import { Replica } from './feed/replica.ts';
import { Seal } from './feed/sealing.ts';
import type { Log } from './log.ts';
import { Catalogue } from './serve/catalogue.ts';
import type { Change } from './serve/intake.ts';
import { Session } from './serve/session.ts';
import type { AgentSettings } from './settings.ts';
import { Departed } from './status/departed.ts';
import type { Metrics } from './status/metrics.ts';
import { Prober } from './status/probe.ts';
import { Reporter } from './status/reporter.ts';
import type { Stream, Session as XdsSession } from './xds/stream.ts';

/** The agent beside an Envoy: feed → replica → catalogue → every session, and back as status. */
export class Agent {
  readonly #settings: AgentSettings;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #seal: Seal;
  readonly #sessions = new Set<Session>();
  readonly #departed = new Departed();
  readonly #reporter: Reporter;
  #replica: Replica;
  #catalogue: Catalogue;
  #feed: FeedClient;
  #cursor: number;
  #feedConnected = false;
  #isSnapshot = false;
  #unreadable = 0;
  readonly #gaps = new Gaps(() => this.#restartFeed());
  #closing = false;

  constructor(settings: AgentSettings, log: Log, metrics: Metrics) {
    this.#settings = settings;
    this.#log = log;
    this.#metrics = metrics;
    this.#seal = Seal.open(settings.data, settings.sealingKey, log);
    this.#replica = this.#openReplica();
    this.#catalogue = new Catalogue(this.#replica, this.#seal);
    this.#cursor = this.#replica.cursor;
    this.#reporter = new Reporter({
      ...settings,
      nodes: () => this.nodes(),
      taken: (nodes) => this.#reported(nodes),
      log,
    });
    this.#feed = this.#follow();
    this.#feed.start();
  }

  /** Ready = every host of the fleet can be answered for, be the API there or not. */
  get ready(): boolean {
    return this.#catalogue.complete && this.#catalogue.fleet !== undefined;
  }

  /** What an operator asks first. */
  get state() {
    return {
      ready: this.ready,
      cursor: this.#cursor,
      feed: this.#feedConnected ? 'connected' : 'away',
      tenants: this.#replica.countTenants(),
      nodes: this.nodes(),
    };
  }

  /**
   * The status of every client, and of clients whose departure is not yet reported. When the agent closes, that is all
   * of them.
   */
  nodes(): NodeStatus[] {
    const connected = [...this.#sessions].map((session) => session.status);
    return [
      ...connected.map((status) => (this.#closing ? { ...status, connected: false } : status)),
      ...this.#departed.all,
    ];
  }

  /** What each connected client was sent, by node and type. */
  dump(node?: string): Record<string, unknown> {
    const asked = [...this.#sessions].filter((session) => node === undefined || session.node === node);
    return Object.fromEntries(asked.map((session) => [session.node, session.dump()]));
  }

  /** Takes a client that has connected to the xDS server. */
  accept(stream: Stream): XdsSession {
    const { probe, workers } = probeOf(stream.node.metadata);
    const prober = probe === undefined ? undefined : new Prober(probe, workers, this.#settings.probeTimeout);
    const session = new Session({
      catalogue: this.#catalogue,
      stream,
      prober,
      probe,
      cursor: this.#cursor,
      log: this.#log,
      moved: (cursor) => (cursor === 'live' ? this.#reporter.changed() : this.#reporter.changedInPart()),
      changed: () => this.#reporter.changed(),
      fault: (type) => this.#metrics.faults.inc({ type: shortName(type) }),
      closed: () => {
        this.#sessions.delete(session);
        if (![...this.#sessions].some(({ node }) => node === session.node)) this.#departed.add(session.status);
        this.#metrics.streams.set(this.#sessions.size);
        prober?.close();
        this.#reporter.changed();
        this.#log.info({ node: stream.node.id }, 'a proxy went away');
      },
    });
    this.#sessions.add(session);
    this.#departed.remove(session.node);
    this.#metrics.streams.set(this.#sessions.size);
    this.#log.info({ node: stream.node.id, protocol: stream.protocol }, 'a proxy connected');
    return {
      onSubscribe: (...args) => this.#guard(() => session.onSubscribe(...args)),
      onUnsubscribe: (...args) => this.#guard(() => session.onUnsubscribe(...args)),
      onAck: (...args) => this.#guard(() => session.onAck(...args)),
      onNack: (...args) => {
        this.#metrics.nacks.inc({ type: shortName(args[0]) });
        this.#guard(() => session.onNack(...args));
      },
      onClose: () => session.onClose(),
    };
  }

  /** Lets an Envoy go of the hosts it has not needed for long. @param used its clusters that had requests since the last time */
  evictIdle(node: string, used: readonly string[]): void {
    for (const session of this.#sessions) {
      if (session.node !== node) continue;
      this.#guard(() => this.#metrics.evicted.inc(session.evict(used, this.#settings.hostIdle)));
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#gaps.close();
    this.#feed.close();
    await this.#reporter.close();
    this.#replica.close();
  }

  #reported(nodes: readonly NodeStatus[]): void {
    this.#departed.reported(nodes);
    const byName = new Map(nodes.map((status) => [status.node, status]));
    for (const session of this.#sessions) {
      const status = byName.get(session.node);
      if (status) session.reported(status);
    }
  }

  #follow(): FeedClient {
    return new FeedClient({
      ...this.#settings,
      cursor: () => (this.#catalogue.complete && !this.#gaps.any ? this.#cursor : undefined),
      onStart: () => {
        this.#isSnapshot = false;
      },
      onEvents: (events, unreadable) => this.#guard(() => this.#take(events, unreadable)),
      onConnected: (connected) => {
        this.#feedConnected = connected;
        this.#metrics.feedConnected.set(connected ? 1 : 0);
      },
      log: this.#log,
    });
  }

  #take(events: FeedEvent[], unreadable: number): void {
    pass('pulled', events);
    this.#unreadable = unreadable;
    const before = { fleet: JSON.stringify(this.#catalogue.fleet), complete: this.#catalogue.complete };
    const changes = this.#catalogue.transaction(() => events.flatMap((event) => this.#apply(event)));
    pass('stored', events);
    const isNew =
      before.fleet !== JSON.stringify(this.#catalogue.fleet) || before.complete !== this.#catalogue.complete;
    const ended = events.findLast((event) => event.type === 'snapshot-end');
    for (const session of this.#sessions) {
      if (isNew) session.reconsider(Math.min(this.#cursor, this.#replica.cursor));
      for (const change of changes) session.take(change);
      if (ended) session.passSnapshot(ended.seq);
      session.flush();
    }
    this.#cursor = this.#replica.cursor;
    this.#metrics.took(changes, unreadable);
    this.#logFailures(changes, unreadable);
    if (unreadable > 0 || changes.some(({ missed }) => missed)) this.#gaps.add();
  }

  #logFailures(changes: readonly Change[], unreadable: number): void {
    if (unreadable > 0) this.#log.error({ lines: unreadable }, 'the feed has lines that are no events');
    for (const { tenant, revision, failure } of changes)
      if (failure !== undefined) this.#log.error({ tenant, revision, failure }, 'a tenant stays on what it had');
  }

  /** Restarts the feed connection; after a gap, with a snapshot. */
  #restartFeed(): void {
    this.#feed.close();
    this.#feed = this.#follow();
    this.#feed.start();
  }

  #apply(event: FeedEvent): Change[] {
    const replica = this.#replica;
    switch (event.type) {
      case 'fleet':
        this.#learn(event.fleet);
        return [];
      case 'snapshot':
        this.#log.info('taking a snapshot of the fleet');
        replica.sweep += 1;
        this.#isSnapshot = true;
        this.#gaps.startOver();
        return [];
      case 'snapshot-end':
        this.#isSnapshot = false;
        if (event.seq < this.#cursor) for (const session of this.#sessions) session.ledger.rewind(event.seq);
        replica.cursor = event.seq;
        this.#log.info({ cursor: event.seq, tenants: replica.countTenants() }, 'the snapshot is complete');
        return this.#catalogue.completeSnapshot(event.seq, replica.sweep, !this.#gaps.any && this.#unreadable === 0);
      default: {
        const change = this.#catalogue.apply(event, replica.sweep);
        // A snapshot that breaks off is taken again from the start.
        if (!this.#isSnapshot) replica.cursor = Math.max(replica.cursor, event.seq);
        return [change];
      }
    }
  }

  #learn(fleet: FleetDescription): void {
    const held = this.#catalogue.fleet;
    if (JSON.stringify(fleet) === JSON.stringify(held)) return;
    this.#catalogue.fleet = fleet;
    // A change of the fleet's rules requires a snapshot, which applies the rules to every tenant. If the agent had
    // stored no rules, this is not a change.
    if (held && held.denyDestinations === undefined && this.#catalogue.complete) this.#gaps.add();
  }

  /** Runs what reads the replica; when the file turns out to be damaged, throws it away and pulls everything anew. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.rebuild(error as Error);
    }
  }

  /** Starts over with an empty replica. What Envoys hold serves on until the API has told everything again. */
  rebuild(cause: Error): void {
    this.#log.error(
      { file: this.#replica.file, reason: cause.message },
      'the replica is damaged: rebuilding it from the API',
    );
    this.#replica.close();
    Replica.discard(this.#replica.file);
    this.#replica = this.#openSealed(this.#replica.file);
    this.#cursor = 0;
    this.#catalogue.replaceReplica(this.#replica);
    this.#restartFeed();
  }

  #openReplica(): Replica {
    const file = join(this.#settings.data, 'replica.sqlite');
    try {
      return this.#openSealed(file);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#log.error({ file, reason: (error as Error).message }, 'the replica is damaged: rebuilding it from the API');
      Replica.discard(file);
      return this.#openSealed(file);
    }
  }

  #openSealed(file: string): Replica {
    const replica = Replica.open(file);
    try {
      replica.requireSealedBy(this.#seal);
      return replica;
    } catch (error) {
      replica.close();
      throw error;
    }
  }
}

function pass(milestone: Milestone, events: FeedEvent[]): void {
  for (const event of events) if (event.type === 'tenant') passed(milestone, event.tenant);
}

/** `Listener` of a type's URL. */
const shortName = (type: string): string => type.slice(type.lastIndexOf('.') + 1);

/** Where the node's probe listener is, as its bootstrap says. */
function probeOf(metadata: unknown): { probe: string | undefined; workers: number } {
  const own = (metadata as { gatehouse?: { probe?: unknown; workers?: unknown } } | undefined)?.gatehouse;
  return {
    probe: typeof own?.probe === 'string' ? own.probe : undefined,
    workers: typeof own?.workers === 'number' ? own.workers : 1,
  };
}
