/**
 * The contract between the control API and its agents: what `GET /v1/fleets/{fleet}/feed` streams
 * and what an agent posts back to `POST /v1/fleets/{fleet}/status`.
 *
 * The feed is newline-delimited JSON, one event a line, in commit order. It starts with `fleet`; when the cursor the
 * agent named is too old or unknown, `snapshot` … `snapshot-end` brackets the whole. A blank line is a heartbeat.
 */
import type { Kind, SpecOf } from '../model/kinds.ts';

/** What a fleet offers. `number` is the port tenants write in their gateways, `bind` the one Envoy opens. */
export interface FleetDescription {
  name: string;
  labels: Record<string, string>;
  ports: { number: number; bind: number; protocol: 'HTTP' | 'HTTPS' }[];
  /** Address Envoy binds its public ports to; default `0.0.0.0`. */
  address?: string;
  /** Present on a fleet dedicated to one tenant. */
  tenant?: string;
  /** CIDRs, or single addresses, that nothing is sent to. An API from before this rule names none. */
  denyDestinations?: string[];
}

/** One resource as it stands after a change. Only what this fleet serves is sent: a gateway of another fleet arrives as a delete. */
export type FeedPut = {
  [K in Kind]: { kind: K; name: string; spec: SpecOf<K> /** PEM, certificates only. */; privateKey?: string };
}[Kind];
export interface FeedDelete {
  kind: Kind;
  name: string;
}

export type FeedEvent =
  | { type: 'fleet'; fleet: FleetDescription }
  /** Forget every tenant that is not told before `snapshot-end`. */
  | { type: 'snapshot' }
  /** A tenant moved to `revision`. `base` is the revision the changes apply to; 0 = the tenant's whole configuration, replacing what is held. */
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
  /** The cursor once the snapshot is complete. */
  | { type: 'snapshot-end'; seq: number };

/** What a revision changed is not served, since Envoy refused it or it could not be built; the tenant stays on what Envoy last accepted. */
export interface Rejection {
  tenant: string;
  revision: number;
  /**
   * First of the revisions that may be meant: those up to `revision` are that changed `resource`. 0 = the agent does not know: the last one
   * that changed it. Absent = `revision` itself.
   */
  from?: number | undefined;
  /** True once it is over: reported all the same, for the revision was never served. */
  over?: true | undefined;
  /**
   * Nobody refused it: what it changed was changed again before it was sent. With `from`, those of the revisions are meant whose every change
   * of some resource another one up to `revision` followed.
   */
  superseded?: true | undefined;
  /** `routes/reviews`, the resource it was mapped to. */
  resource: string;
  /** JSON pointer inside that resource's spec; empty = the whole. */
  path: string;
  /** Envoy's own words. */
  message: string;
}

/** A listener that Envoy does not serve, most often because its port cannot be bound. It is offered to Envoy again until Envoy takes it. */
export interface ListenerRejection {
  /** `http-8080` */
  listener: string;
  /** What tenants write in their gateways; absent for the listener of the agent's own probes. */
  port?: number | undefined;
  /** Envoy's own words. */
  message: string;
}

/** Where one Envoy is: every event with seq ≤ `acked` is acknowledged, ≤ `live` was seen through the proxy, except what `rejections` lists. */
export interface NodeStatus {
  node: string;
  version: string;
  /** False once, when the node's stream has closed or its agent stops. */
  connected: boolean;
  acked: number;
  live: number;
  rejections: Rejection[];
  /** Absent = none. */
  listenerRejections?: ListenerRejection[] | undefined;
}

/** Body of `POST /v1/fleets/{fleet}/status`: every node of one agent; sent on change, at most one request in flight, and as a heartbeat every 5 s. */
export interface StatusReport {
  agent: string;
  nodes: NodeStatus[];
}
