/** The report of an agent about the health of endpoints: `POST /v1/fleets/{fleet}/endpoint-health`. */

/** The state of an endpoint in one Envoy. */
export interface EndpointState {
  /** An IP address; with `unresolved` a DNS name. */
  address: string;
  port: number;
  /**
   * `unhealthy`: it fails its health check. `ejected`: outlier detection has ejected it. `unresolved`: the last lookup of
   * the name failed, or the fleet denies all its addresses.
   */
  state: 'healthy' | 'unhealthy' | 'ejected' | 'unresolved';
  /** Why it is not healthy. */
  reason?: string | undefined;
  /** When the agent first saw this state, in milliseconds since 1970. */
  since: number;
}

/** The endpoints of one upstream or subset in one Envoy. */
export interface ReportedHealth {
  tenant: string;
  upstream: string;
  subset?: string | undefined;
  /** All endpoints; empty when the Envoy no longer uses the upstream. */
  endpoints: EndpointState[];
}

/** The largest number of upstreams and subsets per report. */
export const MOST_REPORTED = 100;

export interface HealthReport {
  node: string;
  /** Whether this is the first report since the agent or the Envoy connected. It replaces all earlier ones. */
  isWhole: boolean;
  /** What changed since the last report. */
  clusters: ReportedHealth[];
}
