import type { EscapedSlashes } from '../kinds/gateway.ts';
import type { HostPattern } from '../values/host.ts';
import type { Protocol } from '../values/protocol.ts';
import type { BoundRoute } from './route-hosts.ts';
import type { Admission } from './server-hosts.ts';

/** The port and host of a scope. */
export interface ScopePlace {
  /** The port that clients connect to and that gateways name. */
  port: number;
  host: HostPattern;
}

/** One (port, host) that a fleet serves for a tenant. Without routes it is admitted but answers 404. */
export interface Scope extends ScopePlace {
  protocol: Protocol;
  /**
   * The first part of the key under which Envoy looks the scope up. It keeps apart requests that came in on different
   * terms: today, through different ports.
   */
  zone: string;
  /**
   * The server host that decides about this host: the most specific one that covers it, and the servers that have it.
   */
  admission: Admission;
  /** HTTPS only: the certificate of that server host. */
  credentialName?: string;
  escapedSlashes: EscapedSlashes;
  /** Names of the routes of `bound`. */
  routes: readonly string[];
  /** The routes that serve the scope, in order of precedence: the more specific own host first, then by name. */
  bound: readonly BoundRoute[];
}
