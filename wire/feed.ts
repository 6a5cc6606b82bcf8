/**
 * The protocol between the control API and its agents: the events that `GET /v1/fleets/{fleet}/feed` streams, and the
 * reports that an agent posts to `POST /v1/fleets/{fleet}/status`.
 *
 * The feed is newline-delimited JSON, one event per line, in commit order. It starts with `fleet`. When the agent's
 * cursor is too old or unknown, the complete configuration follows between `snapshot` and `snapshot-end`. A blank line
 * is a heartbeat.
 */
import type { FleetPort } from '../model/fleet.ts';
import { type Kind, type SecretOf, type SpecOf, secretFieldsOf } from '../model/kinds/index.ts';
import type { Endpoint } from '../model/kinds/upstream.ts';
import type { Protocol } from '../model/values/protocol.ts';

/** The settings of a fleet that its agents need. */
export interface FleetDescription {
  name: string;
  labels: Record<string, string>;
  ports: FleetPort[];
  /** Absent when there are none. Envoy opens a port of a range while a route of its tenant uses it. */
  portRanges?: { from: number; to: number; bind?: number | undefined; protocol: Protocol }[];
  /** The address to which Envoy binds its public ports; default `0.0.0.0`. */
  address?: string;
  /** The tenant of a dedicated fleet; absent for a shared fleet. */
  tenant?: string;
  /**
   * CIDR ranges or single addresses to which Envoy must not send requests. Absent when the API is older than this rule.
   */
  denyDestinations?: string[];
}

/**
 * One resource after a change, with its secret fields decrypted. The feed contains only resources that this fleet
 * serves. A gateway that moved to another fleet arrives as a delete.
 */
export type FeedPut = {
  [K in Kind]: { kind: K; name: string; spec: SpecOf<K> } & { [F in SecretOf<K>]?: string };
}[Kind];
/** Returns the decrypted secret that came with a resource, such as a private key; undefined when it has none. */
export function secretIn(put: FeedPut): string | undefined {
  // A kind has at most one secret field, and the replica stores one secret per resource.
  const [field] = secretFieldsOf(put.kind);
  return field === undefined ? undefined : (put as Partial<Record<typeof field, string>>)[field];
}
export interface FeedDelete {
  kind: Kind;
  name: string;
}

/** All endpoints that are registered at one upstream now; an empty list when there are none. */
export interface RegisteredEndpoints {
  upstream: string;
  endpoints: Endpoint[];
}

/**
 * What the platform obtained for a host of a certificate with `acme`, or obtains now. Without a chain and without a
 * challenge, there is nothing for the name.
 */
export interface IssuedName {
  name: string;
  /** PEM, the certificate of the name first. */
  certificateChain?: string;
  /** PEM. Absent if it cannot be decrypted. */
  privateKey?: string;
  /**
   * The authority will request the token from the name over HTTP, and expects this answer. Without a token, it expects
   * a certificate with the answer in a TLS handshake (TLS-ALPN-01).
   */
  challenge?: { token?: string; keyAuthorization: string };
}

export type FeedEvent =
  /**
   * `drained` names the nodes that shall take no new connections. The event comes again when these change. `drains`
   * counts their changes.
   */
  | { type: 'fleet'; fleet: FleetDescription; drained?: string[]; drains?: number }
  /** A snapshot begins. The agent removes every tenant that does not appear before `snapshot-end`. */
  | { type: 'snapshot' }
  /**
   * A tenant moved to `revision`. `base` is the revision to which the changes apply. With 0, `puts` is the tenant's
   * whole configuration and replaces the one that the agent has. `committedAt` is in ms since 1970.
   *
   * `endpoints` lists the upstreams whose registered endpoints may have changed. With `base` 0, upstreams that are not
   * listed have none. With a `base` equal to `revision`, nothing but these and `issued` changed.
   *
   * `issued` lists the names whose automatic certificates or challenges may have changed. With `base` 0, names that are
   * not listed have none.
   */
  | {
      type: 'tenant';
      seq: number;
      tenant: string;
      base: number;
      revision: number;
      puts: FeedPut[];
      deletes: FeedDelete[];
      endpoints?: RegisteredEndpoints[];
      issued?: IssuedName[];
      committedAt: number;
      /**
       * The hosts that the tenant has attached to shared gateways, as `owner/host`. They replace those that the agent
       * has. Absent: unchanged, or none if `base` is 0.
       */
      attached?: string[];
    }
  /** The tenant is no longer served by this fleet. */
  | { type: 'leave'; seq: number; tenant: string; revision: number; committedAt: number }
  /** The snapshot is complete; the cursor is now `seq`. */
  | { type: 'snapshot-end'; seq: number };

/**
 * A change of a revision that is not served: Envoy rejected the resource, the agent could not build it or apply the
 * event, or a later change overwrote it. Envoy continues to serve the version that it accepted last.
 */
export interface Rejection {
  tenant: string;
  revision: number;
  /**
   * The first revision that the rejection may concern. It concerns the revisions from `from` to `revision` that changed
   * `resource`. 0: the agent does not know, and the rejection concerns the last revision that changed `resource`.
   * Absent: it concerns `revision` alone.
   */
  from?: number | undefined;
  /** True once the rejection is over. It is reported anyway, because the revision was never served. */
  over?: true | undefined;
  /**
   * Nothing was rejected, but the change was overwritten before the agent sent it. With `from`, this concerns the
   * revisions since `from` whose changes were all overwritten by later revisions up to `revision`.
   */
  superseded?: true | undefined;
  /**
   * The tenant's resource at fault, such as `routes/reviews`. Only the kind, such as `routes`, when the agent does not
   * know which resource it is. Empty when the rejection concerns a whole event.
   */
  resource: string;
  /** A JSON pointer inside the resource's spec; empty for the whole spec. */
  path: string;
  /** Envoy's error message, or the agent's reason. */
  message: string;
}

/**
 * A listener that Envoy does not serve, most often because it cannot bind the port. The agent resends it until Envoy
 * accepts it.
 */
export interface ListenerRejection {
  /** The name of the listener, such as `http-8080`. */
  listener: string;
  /** The port that tenants write in their gateways. Absent for the listener of the agent's probes. */
  port?: number | undefined;
  /** Envoy's error message. */
  message: string;
}

/**
 * What became of the request to drain a node. `connections` is the number of client connections that are still open.
 * Without it, the Envoy could not be drained or counted yet, and `message` has the reason.
 */
export interface DrainReport {
  connections?: number | undefined;
  message?: string | undefined;
}

/** The largest number of tenants in {@link Ahead.behind}. */
export const MOST_BEHIND = 32;

/** A tenant of which probes have seen only the events with seq ≤ `live`. */
export interface Behind {
  tenant: string;
  live: number;
}

/**
 * What Envoy serves beyond the first event that is not live yet. Probes through Envoy saw every event with seq ≤ `live`
 * of every tenant that is not in `behind`. So one tenant whose change takes long does not delay what the others learn.
 */
export interface Ahead {
  live: number;
  /** At most {@link MOST_BEHIND} tenants, each one once. */
  behind: Behind[];
}

/**
 * The progress of one Envoy. Envoy acknowledged every event with seq ≤ `acked`, and probes through Envoy saw every
 * event with seq ≤ `live`. The changes in `rejections` are exceptions.
 */
export interface NodeStatus {
  node: string;
  version: string;
  /** False in one report, after the node's stream closed or its agent stopped. */
  connected: boolean;
  acked: number;
  live: number;
  /** Absent when nothing after `live` is live, and for an API that does not send {@link REPORT_HEADER}. */
  ahead?: Ahead | undefined;
  rejections: Rejection[];
  /** Absent when no listener is rejected. */
  listenerRejections?: ListenerRejection[] | undefined;
  /** Present while the feed names the node as drained. */
  drain?: DrainReport | undefined;
}

/**
 * A response header with which the API says which optional members a report may contain. An API of an earlier version
 * rejects a report with a member that it does not know.
 */
export const REPORT_HEADER = 'gatehouse-report';

/**
 * The header of a report with a random id of the agent's process. By it, the API notices that two agents report one
 * node.
 */
export const PROCESS_HEADER = 'gatehouse-process';

/**
 * The body of `POST /v1/fleets/{fleet}/status`: the status of every node of one agent. The agent sends it after each
 * change and every 5 s as a heartbeat. At most one request is in flight.
 */
export interface StatusReport {
  agent: string;
  nodes: NodeStatus[];
}
