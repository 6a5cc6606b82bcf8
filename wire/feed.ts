/**
 * The contract between the control API and its agents: what `GET /v1/fleets/{fleet}/feed` streams
 * and what an agent posts back to `POST /v1/fleets/{fleet}/status`.
 *
 * The feed is newline-delimited JSON, one event per line, in commit order. It starts with `fleet`. When the agent's
 * cursor is too old or unknown, the complete configuration follows between `snapshot` and `snapshot-end`. A blank line
 * is a heartbeat.
 */
import { type Kind, type SecretOf, type SpecOf, secretFieldsOf } from '../model/kinds/index.ts';
import type { Protocol } from '../model/values/protocol.ts';

/** What a fleet offers. `number` is the port tenants write in their gateways, `bind` the one Envoy opens. */
export interface FleetDescription {
  name: string;
  labels: Record<string, string>;
  ports: { number: number; bind: number; protocol: Protocol }[];
  /** Address Envoy binds its public ports to; default `0.0.0.0`. */
  address?: string;
  /** Present on a fleet dedicated to one tenant. */
  tenant?: string;
  /** CIDRs or single addresses that requests must not be sent to. Absent from an API older than this rule. */
  denyDestinations?: string[];
}

/**
 * One resource after a change, with its secret fields opened. Only what this fleet serves is sent: a gateway of another
 * fleet arrives as a delete.
 */
export type FeedPut = {
  [K in Kind]: { kind: K; name: string; spec: SpecOf<K> } & { [F in SecretOf<K>]?: string };
}[Kind];
/** Returns the unencrypted secret that came with a resource. */
export function secretIn(put: FeedPut): string | undefined {
  // A kind has at most one: the replica keeps one per resource.
  const [field] = secretFieldsOf(put.kind);
  return field === undefined ? undefined : (put as Partial<Record<typeof field, string>>)[field];
}
export interface FeedDelete {
  kind: Kind;
  name: string;
}

export type FeedEvent =
  | { type: 'fleet'; fleet: FleetDescription }
  /** A snapshot begins. The agent removes every tenant that does not appear before `snapshot-end`. */
  | { type: 'snapshot' }
  /**
   * A tenant moved to `revision`. `base` is the revision the changes apply to; 0 = the tenant's whole configuration,
   * replacing what is held.
   */
  | {
      type: 'tenant';
      seq: number;
      tenant: string;
      base: number;
      revision: number;
      puts: FeedPut[];
      deletes: FeedDelete[];
      committedAt: number;
    }
  /** The tenant is no longer served by this fleet. */
  | { type: 'leave'; seq: number; tenant: string; revision: number; committedAt: number }
  /** The snapshot is complete; the cursor is now `seq`. */
  | { type: 'snapshot-end'; seq: number };

/**
 * A change of a revision that is not served. Either Envoy rejected the resource, or the agent could not build it. Envoy
 * continues to serve the version that it accepted last.
 */
export interface Rejection {
  tenant: string;
  revision: number;
  /**
   * First revision the rejection may concern: it concerns those from here up to `revision` that changed `resource`. 0 =
   * the agent does not know, and it concerns the last one that changed it. Absent = `revision` itself.
   */
  from?: number | undefined;
  /** True once the rejection is over. It is reported anyway, because the revision was never served. */
  over?: true | undefined;
  /**
   * Nothing was rejected: the change was overwritten before it was sent. With `from`, this concerns the revisions from
   * there whose changes were all overwritten by others up to `revision`.
   */
  superseded?: true | undefined;
  /** The tenant's resource at fault, such as `routes/reviews`. */
  resource: string;
  /** JSON pointer inside that resource's spec; empty = the whole. */
  path: string;
  /** Envoy's own words. */
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
  /** Envoy's own words. */
  message: string;
}

/**
 * The progress of one Envoy. It acknowledged every event with seq ≤ `acked`, and every event with seq ≤ `live` was seen
 * through it, except what `rejections` lists.
 */
export interface NodeStatus {
  node: string;
  version: string;
  /** False in one report, after the node's stream closed or its agent stopped. */
  connected: boolean;
  acked: number;
  live: number;
  rejections: Rejection[];
  /** Absent = none. */
  listenerRejections?: ListenerRejection[] | undefined;
}

/**
 * Body of `POST /v1/fleets/{fleet}/status`: every node of one agent. The agent sends it on each change, with at most
 * one request in flight, and every 5 s as a heartbeat.
 */
export interface StatusReport {
  agent: string;
  nodes: NodeStatus[];
}
