import { deniedRange } from '../model/fleet.ts';
import type { FeedEvent } from '../wire/feed.ts';
import { type Milestone, reportMilestone } from '../wire/milestones.ts';
import { Challenges } from './challenges.ts';
import { Clients } from './clients.ts';
import type { ApiOptions } from './feed/api.ts';
import { FeedClient } from './feed/client.ts';
import { Credential } from './feed/credential.ts';
import { isDamage } from './feed/damage.ts';
import { Gaps } from './feed/gaps.ts';
import { Inbox } from './feed/inbox.ts';
import { openReplica, startOver } from './feed/open-replica.ts';
import { Seal } from './feed/sealing.ts';
import type { Log } from './log.ts';
import { Names } from './names/names.ts';
import { problemLog } from './names/problem-log.ts';
import { NameResolver } from './names/resolver.ts';
import { Intake } from './serve/intake/intake.ts';
import type { TenantChange } from './serve/intake/tenant-events.ts';
import { Catalog } from './serve/state/catalog.ts';
import { FleetState } from './serve/state/fleet-state.ts';
import { tenantOf } from './serve/state/upstream-resources.ts';
import { types } from './serve/types/index.ts';
import type { AgentSettings } from './settings.ts';
import type { Metrics } from './status/metrics.ts';
import { Reporter } from './status/reporter.ts';
import { VERSION } from './version.ts';

/**
 * The agent beside an Envoy. It applies the feed to the replica, passes changes to every session, and reports the
 * status to the API.
 */
export class Agent {
  readonly #settings: AgentSettings;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #fleetState: FleetState;
  readonly #intake: Intake;
  readonly #reporter: Reporter;
  readonly #access: ApiOptions;
  /** Absent when the agent has a token instead. */
  readonly #credential: Credential | undefined;
  readonly #names: Names;
  readonly #resolver: NameResolver;
  readonly clients: Clients;
  readonly challenges = new Challenges((read) => {
    let found: string | undefined;
    this.#guard(() => {
      found = read(this.#fleetState.replica.issued);
    });
    return found;
  });
  #feed: FeedClient;
  #cursor: number;
  #feedConnected = false;
  #unreadable = 0;
  readonly #gaps = new Gaps(() => this.#restartFeed());
  readonly #inbox = new Inbox({
    cursor: () => this.#cursor,
    apply: (events, unreadable) => this.#guard(() => this.#take(events, unreadable)),
    failed: (error) => this.#feed.interrupt(error),
  });

  constructor(settings: AgentSettings, log: Log, metrics: Metrics) {
    this.#settings = settings;
    this.#log = log;
    this.#metrics = metrics;
    this.#resolver = new NameResolver(settings.nameServers);
    this.#names = new Names({
      lookUp: (host) => this.#resolver.resolve(host),
      stored: () => this.#fleetState.replica.answers,
      changed: (clusters) => this.#namesChanged(clusters),
      isUsed: (cluster) => this.clients.usesEndpoints(cluster),
      tenantOf,
      guard: (work) => this.#guard(work),
      isDenied: (address) => deniedRange(this.#fleetState.description ?? {}, address) !== undefined,
      failed: problemLog(log),
    });
    metrics.watchNames(() => this.#names.counts);
    const seal = Seal.open(settings.data, settings.sealingKey, log);
    this.#fleetState = new FleetState(openReplica(settings.data, seal, log), seal, this.#names);
    this.#cursor = this.#fleetState.replica.cursor;
    this.#intake = new Intake({
      state: this.#fleetState,
      types,
      snapshot: (seq) => this.#onSnapshot(seq),
      hasGaps: () => this.#gaps.any || this.#unreadable > 0,
      gap: () => this.#gaps.add(),
    });
    this.clients = new Clients({
      ...settings,
      catalog: new Catalog(this.#fleetState),
      intake: this.#intake,
      reporter: () => this.#reporter,
      reportHealth: (report) => this.#reporter.post('/endpoint-health', report),
      cursor: () => this.#cursor,
      read: () => this.#inbox,
      guard: (work) => this.#guard(work),
      log,
      metrics,
    });
    this.clients.drain(this.#fleetState.drained);
    const { api, fleet, token, identity, data: folder, agent } = settings;
    if (identity) {
      if (token !== undefined) log.warn('the agent has enrolled, so GATEHOUSE_AGENT_TOKEN is not used');
      const changed = () => this.#restartFeed();
      this.#credential = new Credential({ identity, folder, api, version: VERSION, changed, log });
    }
    this.#access = { api, fleet, token: () => (this.#credential ? this.#credential.token : token) };
    this.#reporter = new Reporter({
      ...{ ...this.#access, agent },
      nodes: () => this.clients.nodes,
      taken: (nodes) => this.clients.reported(nodes),
      log,
    });
    this.#feed = this.#follow();
    // An enrolled agent follows the feed once it has a credential.
    if (this.#credential) this.#credential.start();
    else this.#feed.start();
  }

  /** Whether the agent can serve every host of the fleet, even without the API. */
  get ready(): boolean {
    return this.#fleetState.complete && this.#fleetState.description !== undefined;
  }

  /** Why the API rejects the agent, which then gets no changes; undefined when it does not. */
  get rejection(): string | undefined {
    return this.#credential?.stopped ?? this.#feed.rejection;
  }

  /** A summary of the agent's state for operators. */
  get state() {
    return {
      ready: this.ready,
      cursor: this.#cursor,
      feed: this.#feedConnected ? 'connected' : 'away',
      tenants: this.#fleetState.replica.countTenants(),
      nodes: this.clients.nodes,
    };
  }

  /**
   * Lists the resources that were sent to each connected client: node, type URL, name, version.
   *
   * @param node the only node to list; by default, all are listed
   */
  dump(node?: string): Record<string, unknown> {
    return this.clients.dump(node);
  }

  async close(): Promise<void> {
    this.clients.startClosing();
    this.#names.close();
    this.#resolver.close();
    this.#gaps.close();
    this.#credential?.close();
    this.#feed.close();
    this.#inbox.clear();
    await this.#reporter.close();
    this.#fleetState.replica.close();
  }

  #follow(): FeedClient {
    return new FeedClient({
      ...this.#access,
      cursor: () => (this.#fleetState.complete && !this.#gaps.any ? this.#cursor : undefined),
      isServing: () => this.ready,
      onStart: () => this.#intake.restart(),
      onEvents: (events, unreadable) => this.#inbox.read(events, unreadable),
      onConnected: (connected) => {
        // The API sends again what the agent has not applied.
        if (connected) this.#inbox.clear();
        this.#feedConnected = connected;
        this.#metrics.feedConnected.set(connected ? 1 : 0);
      },
      onRejected:
        this.#credential &&
        (() => {
          this.#credential?.rejected();
          return this.#credential?.stopped;
        }),
      log: this.#log,
    });
  }

  /** @param unreadable number of feed lines that were not events */
  #take(events: readonly FeedEvent[], unreadable: number): void {
    pass('pulled', events);
    this.#unreadable = unreadable;
    const { changes, isNewFleet, snapshotEnd } = this.#intake.apply(events);
    if (isNewFleet && this.#settings.role === 'sidecar' && this.#fleetState.description?.tenant === undefined)
      this.#log.warn('the fleet is shared, so its sidecars serve no routes: the mesh needs a fleet of one tenant');
    const { cursor } = this.#fleetState.replica;
    pass('stored', events);
    for (const session of this.clients.sessions) {
      if (isNewFleet) session.reconsider(Math.min(this.#cursor, cursor));
      for (const change of changes) session.apply(change);
      if (snapshotEnd !== undefined) session.passSnapshot(snapshotEnd);
      session.flush();
    }
    this.clients.drain(this.#fleetState.drained);
    this.#cursor = cursor;
    this.#metrics.applied(changes, unreadable);
    this.#logFailures(changes, unreadable);
    if (unreadable > 0 || changes.some(({ missed }) => missed)) this.#gaps.add();
  }

  #namesChanged(clusters: ReadonlySet<string>): void {
    for (const session of this.clients.sessions) session.namesChanged(clusters);
  }

  #logFailures(changes: readonly TenantChange[], unreadable: number): void {
    if (unreadable > 0) this.#log.error({ lines: unreadable }, 'lines of the feed are not events');
    for (const { tenant, revision, failure } of changes)
      if (failure !== undefined)
        this.#log.error({ tenant, revision, failure }, 'a change of a tenant could not be applied');
  }

  /** @param end the sequence number at which a snapshot ended; undefined when it starts */
  #onSnapshot(end: number | undefined): void {
    if (end === undefined) {
      this.#log.info('a snapshot of the fleet has started');
      this.#gaps.startOver();
      return;
    }
    // The feed went back: its database was restored to an earlier time.
    if (end < this.#cursor) for (const session of this.clients.sessions) session.ledger.rewind(end);
    this.#log.info({ cursor: end, tenants: this.#fleetState.replica.countTenants() }, 'the snapshot is complete');
  }

  /** Restarts the feed connection; after a gap, with a snapshot. */
  #restartFeed(): void {
    this.#feed.close();
    this.#inbox.clear();
    this.#feed = this.#follow();
    this.#feed.start();
  }

  /** Runs work that reads the replica. If the file is damaged, discards it and pulls everything again. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#rebuild(error as Error);
    }
  }

  /** Starts again with an empty replica. Envoys keep their configuration until the API has sent everything again. */
  #rebuild(cause: Error): void {
    const { replica, seal } = this.#fleetState;
    replica.close();
    this.#cursor = 0;
    this.#fleetState.replaceReplica(startOver(replica.file, seal, cause, this.#log));
    this.#restartFeed();
  }
}

function pass(milestone: Milestone, events: readonly FeedEvent[]): void {
  for (const event of events) if (event.type === 'tenant') reportMilestone(milestone, event.tenant);
}
