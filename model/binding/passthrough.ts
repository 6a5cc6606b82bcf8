/** Finds the rules for TLS connections that a tenant's servers pass through without decrypting them. */
import type { Configuration } from '../configuration.ts';
import type { TlsRule } from '../route/tls.ts';
import { type HostPattern, intersect } from '../values/host.ts';
import { type Admission, decidingAdmission } from './server-hosts.ts';

/** A rule with its place in the configuration. */
export interface PlacedTlsRule {
  route: string;
  /** Index in `tls`. */
  index: number;
  rule: TlsRule;
}

/**
 * Finds the rule for each server name that servers of a port pass through. Of several rules for the same name, the first
 * one of the first route by name counts.
 *
 * @param onPort the admissions of the port
 * @returns exact hosts and wildcards, each with its rule; undefined when no rule serves it, so the connection is closed.
 *   A more specific host counts
 */
export function passedThrough(
  configuration: Configuration,
  port: number,
  onPort: ReadonlyMap<HostPattern, Admission>,
): ReadonlyMap<HostPattern, PlacedTlsRule | undefined> {
  const found = new Map<HostPattern, PlacedTlsRule | undefined>();
  const admissions = [...onPort.values()].filter(({ passthrough }) => passthrough.size > 0);
  if (admissions.length === 0) return found;
  for (const [route, { tls = [], gateways = [] }] of configuration.entries('route')) {
    const own =
      tls.length === 0 ? [] : admissions.filter((each) => gateways.some((name) => each.passthrough.has(name)));
    if (own.length === 0) continue;
    for (const [index, rule] of tls.entries()) {
      for (const match of rule.match) {
        if (match.port !== undefined && match.port !== port) continue;
        for (const name of match.sniHosts) {
          for (const admission of own) {
            const host = intersect(name, admission.host);
            // A more specific server of the port decides about its own hosts.
            if (host === undefined || found.has(host) || decidingAdmission(onPort, host) !== admission) continue;
            found.set(host, { route, index, rule });
          }
        }
      }
    }
  }
  for (const { host } of admissions) if (!found.has(host)) found.set(host, undefined);
  return found;
}
