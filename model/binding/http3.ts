import { type HostPattern, patternsCovering } from '../values/host.ts';
import type { Admission } from './server-hosts.ts';

/**
 * Lists the server hosts of a port that the tenant's own gateways serve over HTTP/3. It also lists hosts below a wildcard
 * that is served over HTTP/3, if they are not.
 *
 * @param onPort the admissions of the port
 * @returns each host with its admission; undefined if it is not served over HTTP/3
 */
export function* http3Hosts(
  onPort: ReadonlyMap<HostPattern, Admission>,
): Generator<[host: HostPattern, admission: Admission | undefined]> {
  for (const [host, admission] of onPort) {
    if (isServed(admission)) yield [host, admission];
    else if ([...patternsCovering(host)].some((above) => isServed(onPort.get(above)))) yield [host, undefined];
  }
}

/** A host of another tenant's gateway has no certificate here: its owner opens the connections. */
const isServed = (admission: Admission | undefined): boolean =>
  admission?.http3 === true && admission.credentialName !== undefined;
