import { uncovered } from '../../model/check/hosts.ts';
import type { Configuration } from '../../model/configuration.ts';
import { credentialsOf } from '../../model/kinds/server-tls.ts';
import { covers, type HostPattern } from '../../model/values/host.ts';
import { enumerate } from '../../model/values/quote.ts';
import { resourceName } from '../../model/violations.ts';
import type { ProblemViolation } from '../problem.ts';

/**
 * Warns about a host that no certificate of the shared gateway covers, so that HTTPS clients reject it. A gateway without
 * HTTPS servers gives no warning: something in front of it may serve HTTPS.
 *
 * @param configuration the configuration of the owner of the gateway
 * @param route the name of the route with the host
 */
export function certificateWarnings(
  configuration: Configuration,
  gateway: string,
  { host, route }: { host: HostPattern; route: string },
): ProblemViolation[] {
  const servers = configuration.get('gateway', gateway)?.servers ?? [];
  const used = servers.filter(({ tls, hosts }) => tls && hosts.some((each) => covers(each, host)));
  const certificates = used
    .flatMap(({ tls }) => (tls ? credentialsOf(tls) : []))
    .map((name) => configuration.info('certificate', name)?.dnsNames);
  const known = certificates.flatMap((names) => names ?? []);
  // A certificate that the platform has not stored yet may cover the host.
  if (known.length === 0 || certificates.includes(undefined)) return [];
  if (uncovered(new Set(known.map((each) => each.toLowerCase())), host) === undefined) return [];
  return [
    {
      ...{ resource: resourceName('route', route), path: '/hosts/0', pointer: '/host' },
      code: 'certificate-does-not-cover',
      message: `the certificate of the platform is for ${enumerate([...new Set(known)])}, not for ${host}: HTTPS clients reject it. Choose another host, or call it over HTTP`,
    },
  ];
}
