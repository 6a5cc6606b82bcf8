/** Which connections may carry requests for a host whose server has `tls.sameServerOnly`. */
import { covers, type HostPattern, patternsCovering } from '../values/host.ts';
import type { Admission } from './server-hosts.ts';

/** The host that covers a server name most specifically is in exactly one of the lists, or in none. */
export interface ServerNames {
  /** The hosts of the servers that list the host of an admission. */
  own: readonly HostPattern[];
  /** Those hosts of other servers that wildcards of `own` cover. */
  other: readonly HostPattern[];
}

/** Whether one server lists the hosts of both admissions. */
const shareServer = (a: Admission, b: Admission): boolean =>
  [...a.servers.values()].some((own) =>
    [...b.servers.values()].some(({ gateway, server }) => gateway === own.gateway && server === own.server),
  );

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
  const own = [...onPort.values()].filter((each) => shareServer(each, admission)).map(({ host }) => host);
  return comparedNames(new Set(own), onPort.keys());
}

/**
 * @param own the hosts of the servers that list a host
 * @param all the hosts of all servers of the port
 */
export function comparedNames(own: ReadonlySet<HostPattern>, all: Iterable<HostPattern>): ServerNames {
  const wildcards = [...own].filter((host) => host.startsWith('*'));
  const other = [...all].filter((host) => !own.has(host) && wildcards.some((wildcard) => covers(wildcard, host)));
  return { own: [...own].sort(), other: other.sort() };
}

/** Whether a connection was opened for one of the `own` hosts. @param serverName empty: the client sent none */
export function belongs({ own, other }: ServerNames, serverName: string): boolean {
  for (const above of patternsCovering(serverName || '*')) {
    if (own.includes(above)) return true;
    if (other.includes(above)) return false;
  }
  return false;
}
