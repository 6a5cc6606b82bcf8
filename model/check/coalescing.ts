import { boundServers } from '../binding/bound-servers.ts';
import { getOrAdd } from '../binding/get-or-add.ts';
import type { Configuration } from '../configuration.ts';
import type { Pausable } from '../pausable.ts';
import type { HostPattern } from '../values/host.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** A server name of a route whose connections are passed through. */
interface Passed {
  route: string;
  /** JSON pointer to the server name. */
  path: string;
  name: HostPattern;
  /** The destinations of its connections, as JSON. */
  to: string;
}

/**
 * Warns about hosts of one domain that are passed through to different upstreams. If the upstreams share a wildcard
 * certificate, clients of HTTP/2 send requests for one host on the connection of the other, past the gateway.
 */
export const coalescing: Check = function* (configuration, { warnings }) {
  if (!(yield* hasPassthrough(configuration))) return;
  const byDomain = new Map<string, Passed[]>();
  for (const [route, { tls, gateways = [] }] of configuration.entries('route')) {
    yield;
    if (!tls?.length) continue;
    const isPassed = gateways.some((text) =>
      boundServers(configuration, text).some((server) => server.tls?.mode === 'PASSTHROUGH'),
    );
    if (!isPassed) continue;
    for (const [index, { match, route: destinations }] of tls.entries()) {
      const to = JSON.stringify(destinations.map(({ destination }) => destination));
      for (const [place, { sniHosts, port }] of match.entries()) {
        yield;
        for (const [at, name] of sniHosts.entries()) {
          const path = `/tls/${index}/match/${place}/sniHosts/${at}`;
          const domain = `${port ?? ''}${name.replace(/^[^.]*/, '')}`;
          getOrAdd(byDomain, domain, (): Passed[] => []).push({ route, path, name, to });
        }
      }
    }
  }
  for (const [first, ...others] of byDomain.values()) {
    yield;
    const other = others.find(({ to }) => to !== first!.to);
    if (!other) continue;
    warnings.push({
      resource: resourceName('route', other.route),
      path: other.path,
      code: 'shared-certificate',
      message: `connections for ${other.name} and for ${first!.name} of ${resourceName('route', first!.route)} are passed through to different upstreams: if these share a wildcard certificate, an HTTP/2 client may send requests for one host to the upstream of the other`,
      hint: 'give each upstream a certificate of its own, or let it answer 421 for foreign hosts',
    });
  }
};

/** Whether a server passes connections through. Without one, no route need be read. */
function* hasPassthrough(configuration: Configuration): Pausable<boolean> {
  for (const [, { servers }] of configuration.entries('gateway')) {
    yield;
    if (servers.some(({ tls }) => tls?.mode === 'PASSTHROUGH')) return true;
  }
  return false;
}
