import type { HealthReport } from '../wire/endpoint-health.ts';
import type { NodeStatus } from '../wire/feed.ts';
import { MOST_CONNECTIONS, MOST_TENANT_CONNECTIONS, mostTenantClients } from './envoy/limits.ts';
import type { Log } from './log.ts';
import type { Intake } from './serve/intake/intake.ts';
import { Session } from './serve/session.ts';
import type { Catalog } from './serve/state/catalog.ts';
import { types } from './serve/types/index.ts';
import type { View } from './serve/view.ts';
import { envoyView, viewOf } from './serve/views/index.ts';
import type { AgentSettings } from './settings.ts';
import { aheadOf, type ReadFeed } from './status/ahead.ts';
import { Departed } from './status/departed.ts';
import { Drain } from './status/drain.ts';
import { EndpointHealthWatch } from './status/endpoint-health.ts';
import type { Metrics } from './status/metrics.ts';
import { Prober } from './status/probe.ts';
import type { Reporter } from './status/reporter.ts';
import type { Stream, Session as XdsSession } from './xds/stream.ts';

export interface ClientsOptions
  extends Pick<AgentSettings, 'hostIdle' | 'serverNames' | 'probeTimeout' | 'role' | 'outbound'> {
  catalog: Catalog;
  intake: Intake;
  reporter: () => Reporter;
  /** Sends a report about the health of endpoints to the API. */
  reportHealth: (report: HealthReport) => Promise<void>;
  /** Returns the feed sequence number up to which all events are stored. */
  cursor: () => number;
  /** Returns how far the agent has read the feed. */
  read: () => ReadFeed;
  /** Runs work that reads the replica, and handles damage of the replica's file. */
  guard: (work: () => void) => void;
  log: Log;
  metrics: Metrics;
}

const TWINS =
  'another xDS client has the same node name: give each Envoy a --node of its own. The revisions that both serve count as live';

/** The clients that are connected to the agent, and those whose departure is not yet reported. */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #sessions = new Set<Session>();
  readonly #envoys: View;
  readonly #departed = new Departed();
  readonly #drains = new Map<Session, Drain>();
  #drained: readonly string[] | undefined;
  #closing = false;

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.#envoys = envoyView(options);
  }

  get sessions(): Iterable<Session> {
    return this.#sessions;
  }

  /**
   * The status of every client, and of clients whose departure is not yet reported. When the agent closes, that is all
   * of them.
   */
  get nodes(): NodeStatus[] {
    const read = this.#options.read();
    const connected = [...this.#sessions].map((session) => {
      const { status, ledger } = session;
      const ahead = aheadOf(status.live, ledger.behind, read);
      const drain = this.#drains.get(session)?.report;
      return { ...status, ...(ahead && { ahead }), ...(drain && { drain }) };
    });
    return [
      ...connected.map((status) => (this.#closing ? { ...status, connected: false } : status)),
      ...this.#departed.all,
    ];
  }

  /**
   * Lists the resources that were sent to each connected client: node, type URL, name, version.
   *
   * @param node only this
   */
  dump(node?: string): Record<string, unknown> {
    const asked = [...this.#sessions].filter((session) => node === undefined || session.node === node);
    return Object.fromEntries(asked.map((session) => [session.node, session.dump()]));
  }

  /** Whether any client has endpoints of this cluster, or waits for them. */
  usesEndpoints(cluster: string): boolean {
    for (const session of this.#sessions) if (session.usesEndpoints(cluster)) return true;
    return false;
  }

  /** Opens a session for a client that has connected to the xDS server. */
  accept(stream: Stream): XdsSession {
    const { catalog, guard, log, metrics, role } = this.#options;
    // A sidecar serves one tenant.
    if (role === 'edge') catalog.state.limitTenants(bootstrapOf(stream.node.metadata).tenantConnections);
    const session = this.#open(stream);
    if ([...this.#sessions].some(({ node }) => node === session.node)) log.warn({ node: session.node }, TWINS);
    this.#sessions.add(session);
    this.#departed.remove(session.node);
    metrics.streams.set(this.#sessions.size);
    log.info({ node: stream.node.id, protocol: stream.protocol }, 'an xDS client connected');
    return {
      onSubscribe: (...args) => guard(() => session.onSubscribe(...args)),
      onUnsubscribe: (...args) => guard(() => session.onUnsubscribe(...args)),
      onAck: (...args) => guard(() => session.onAck(...args)),
      onNack: (...args) => {
        metrics.nacks.inc({ type: shortName(args[0]) });
        guard(() => session.onNack(...args));
      },
      onClose: () => session.onClose(),
    };
  }

  /**
   * Evicts the idle hosts of an Envoy: those without a request for the time in the setting `hostIdle`.
   *
   * @param used the clusters of the Envoy that had requests since the last call
   */
  evictIdle(node: string, used: readonly string[]): void {
    const { guard, hostIdle, metrics } = this.#options;
    for (const session of this.#sessions) {
      if (session.node === node) guard(() => metrics.evicted.inc(session.evict(used, hostIdle)));
    }
  }

  /** Notes that the API accepted a report of these nodes. */
  reported(nodes: readonly NodeStatus[]): void {
    this.#departed.reported(nodes);
    const byName = new Map(nodes.map((status) => [status.node, status]));
    for (const session of this.#sessions) {
      const status = byName.get(session.node);
      if (status) session.reported(status);
    }
  }

  /**
   * Drains the Envoys with these names, and ends the drain of all others.
   *
   * @param nodes undefined while the agent does not know the names: every Envoy then stays as it is
   */
  drain(nodes: readonly string[] | undefined): void {
    if (nodes === this.#drained) return;
    this.#drained = nodes;
    for (const [{ node }, drain] of this.#drains) drain.set(nodes?.includes(node) ?? false);
  }

  /** From now on, every client is reported as not connected. */
  startClosing(): void {
    this.#closing = true;
  }

  #open(stream: Stream): Session {
    const { catalog, intake, reporter, reportHealth, cursor, probeTimeout, serverNames, log, metrics } = this.#options;
    const { probe, admin, workers, tenantClients } = bootstrapOf(stream.node.metadata);
    const prober = probe === undefined ? undefined : new Prober(probe, workers, probeTimeout);
    const session = new Session({
      types,
      viewOf: (node, namesListeners) => viewOf(node, namesListeners, this.#envoys),
      catalog,
      stream,
      prober,
      serverNames,
      probe,
      tenantClients,
      cursor: cursor(),
      skipped: intake.skipped,
      log,
      moved: (moved) => (moved === 'live' ? reporter().changed() : reporter().changedInPart()),
      changed: () => reporter().changed(),
      fault: ({ url }) => metrics.faults.inc({ type: shortName(url) }),
      closed: () => {
        this.#forget(session);
        prober?.close();
        drain.close();
        health?.close();
        reporter().changed();
        log.info({ node: stream.node.id }, 'an xDS client disconnected');
      },
    });
    const health =
      admin === undefined
        ? undefined
        : new EndpointHealthWatch({
            node: session.node,
            admin,
            watched: () => session.watched,
            unresolved: () => session.unresolved,
            send: reportHealth,
            log,
          });
    const drain = new Drain({ node: session.node, admin, changed: () => reporter().changed(), log });
    this.#drains.set(session, drain);
    if (this.#drained) drain.set(this.#drained.includes(session.node));
    return session;
  }

  #forget(session: Session): void {
    this.#sessions.delete(session);
    this.#drains.delete(session);
    if (![...this.#sessions].some(({ node }) => node === session.node)) this.#departed.add(session.status);
    this.#options.metrics.streams.set(this.#sessions.size);
  }
}

/** Returns the last part of a type URL, such as `Listener`. */
const shortName = (url: string): string => url.slice(url.lastIndexOf('.') + 1);

/** What the agent knows of an Envoy from its bootstrap. */
interface Written {
  /** Unix socket of the probe listener. */
  probe: string | undefined;
  /** Unix socket of the admin interface. */
  admin: string | undefined;
  workers: number;
  /** How many connections to upstreams one tenant may have. */
  tenantConnections: number;
  /** How many connections of clients may be forwarded for one tenant. */
  tenantClients: number;
}

/** Reads what the bootstrap of a node wrote into the node's metadata. */
function bootstrapOf(metadata: unknown): Written {
  const own = (metadata as { gatehouse?: Partial<Record<keyof Written, unknown>> } | undefined)?.gatehouse;
  return {
    probe: typeof own?.probe === 'string' ? own.probe : undefined,
    admin: typeof own?.admin === 'string' ? own.admin : undefined,
    workers: typeof own?.workers === 'number' ? own.workers : 1,
    tenantConnections: typeof own?.tenantConnections === 'number' ? own.tenantConnections : MOST_TENANT_CONNECTIONS,
    tenantClients: typeof own?.tenantClients === 'number' ? own.tenantClients : mostTenantClients(MOST_CONNECTIONS),
  };
}
