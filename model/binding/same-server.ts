/** Which connections may carry requests for a host whose server has `tls.sameServerOnly`. */
import { covers, type HostPattern } from '../values/host.ts';
import type { Admission } from './server-hosts.ts';

/** The host that covers a server name most specifically is in exactly one of the lists, or in none. */
export interface ServerNames {
  /** The hosts of the servers that list the host of an admission. */
  own: readonly HostPattern[];
  /** Those hosts of other servers that wildcards of `own` cover. */
  other: readonly HostPattern[];
}

/** Whether one server lists the hosts of both admissions. */
export const shareServer = (a: Admission, b: Admission): boolean =>
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
  if (!admission.sameServerOnly) return undefined;
  const isOwn = (each: Admission) => shareServer(each, admission);
  const own = [...onPort.values()].filter(isOwn).map(({ host }) => host);
  const wildcards = own.filter((host) => host.startsWith('*'));
  const other = [...onPort.values()]
    .filter((each) => !isOwn(each) && wildcards.some((wildcard) => covers(wildcard, each.host)))
    .map(({ host }) => host);
  return { own: own.sort(), other: other.sort() };
}
