import type { EscapedSlashes } from '../kinds/gateway.ts';
import type { HostPattern } from '../values/host.ts';
import type { Protocol } from '../values/protocol.ts';
import type { BoundRoute } from './route-hosts.ts';
import type { Admission } from './server-hosts.ts';
import type { TlsProfile } from './tls-profile.ts';

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
   * The most specific server host that covers this host, with the servers that list it. It decides how the host is
   * served.
   */
  admission: Admission;
  /** HTTPS only: the certificate of that server host. */
  credentialName?: string;
  /** HTTPS only: the TLS settings of that server host, if they are not the default ones. */
  profile?: TlsProfile;
  /** HTTP only: the port of https to which every request is redirected. */
  httpsRedirect?: number;
  /** HTTPS only: whether HTTP/3 is served too. */
  http3?: boolean;
  escapedSlashes: EscapedSlashes;
  /** Names of the routes of `bound`. */
  routes: readonly string[];
  /**
   * The routes that serve the scope, in order of precedence: first the route that lists the more specific host for it,
   * and between equal hosts by the name of the route.
   */
  bound: readonly BoundRoute[];
}
