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
   * The first part of the key by which Envoy finds the scope: the number of the port. It separates requests that arrive
   * through different ports.
   */
  zone: string;
  /**
   * The most specific server host that covers this host, with the servers that list it. It decides how the host is
   * served.
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
