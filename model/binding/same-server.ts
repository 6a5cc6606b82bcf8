/** Which connections may carry requests for a host whose server has `tls.sameServerOnly`. */
import { type HostPattern, patternsCovering } from '../values/host.ts';
import type { Admission, ServerPlace } from './server-hosts.ts';

/** The host that covers a server name most specifically is in exactly one of the lists, or in none. */
export interface ServerNames {
  /** The hosts of the servers that list the host of an admission. */
  own: readonly HostPattern[];
  /** Those hosts of other servers that wildcards of `own` cover. */
  other: readonly HostPattern[];
}

/**
 * Returns the hosts by which the server of a connection is compared with the server of a request.
 *
 * @param onPort the admissions of one port
 * @param admission one of them
 * @returns undefined if connections for other servers may carry requests for the host too
 */
export function serverNames(
  onPort: ReadonlyMap<HostPattern, Admission>,
  admission: Admission,
): ServerNames | undefined {
  // The server belongs to another tenant, whose hosts are not all in the admissions.
  if (admission.connections) return admission.connections;
  if (!admission.sameServerOnly) return undefined;
  const text = ({ gateway, server }: ServerPlace) => `${gateway}|${server}`;
  const listing = new Set([...admission.servers.values()].map(text));
  const own = [...onPort.values()].filter(({ servers }) =>
    [...servers.values()].some((each) => listing.has(text(each))),
  );
  return comparedNames(new Set(own.map(({ host }) => host)), onPort.keys());
}

/**
 * @param own the hosts of the servers that list a host
 * @param all the hosts of all servers of the port
 */
export function comparedNames(own: ReadonlySet<HostPattern>, all: Iterable<HostPattern>): ServerNames {
  const other = [...all].filter((host) => !own.has(host) && isBelow(host, own));
  return { own: [...own].sort(), other: other.sort() };
}

/** Whether one of these hosts covers another host. */
function isBelow(host: HostPattern, hosts: ReadonlySet<HostPattern>): boolean {
  for (const above of patternsCovering(host)) if (hosts.has(above)) return true;
  return false;
}

/** Whether a connection was opened for one of the `own` hosts. @param serverName empty: the client sent none */
export function belongs({ own, other }: ServerNames, serverName: string): boolean {
  for (const above of patternsCovering(serverName || '*')) {
    if (own.includes(above)) return true;
    if (other.includes(above)) return false;
  }
  return false;
}
