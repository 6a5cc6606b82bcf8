import { hostBindings } from '../binding/host-bindings.ts';
import type { HostPattern } from '../values/host.ts';
import { enumerate } from '../values/quote.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** Warns about hosts of routes that no server admits. */
export const hosts: Check = function* (configuration, { warnings }, names) {
  for (const found of hostBindings(configuration, names.route, 1)) {
    yield;
    if (!found) continue;
    const [name, bound] = found;
    bound.forEach(({ reason, host }, index) => {
      // A dangling gateway is an error of its own.
      if (
        reason === undefined ||
        configuration.get('route', name)!.gateways.some((gateway) => !configuration.has('gateway', gateway))
      )
        return;
      warnings.push({
        resource: resourceName('route', name),
        path: `/hosts/${index}`,
        code: 'unbound-host',
        message: `${host} is not served: ${reason}`,
      });
    });
  }
};

/** Warns about hosts of servers that their certificate does not cover. */
export const certificateNames: Check = function* (configuration, { warnings }) {
  const namesOf = new Map<string, ReadonlySet<string>>();
  for (const [name, gateway] of configuration.entries('gateway')) {
    for (const [server, { hosts, tls }] of gateway.servers.entries()) {
      yield;
      const info = tls && configuration.info('certificate', tls.credentialName);
      if (!info) continue;
      const names = namesOf.get(tls.credentialName) ?? new Set(info.dnsNames.map((each) => each.toLowerCase()));
      namesOf.set(tls.credentialName, names);
      hosts.forEach((host, index) => {
        const gap = uncovered(names, host);
        if (gap === undefined) return;
        warnings.push({
          resource: resourceName('gateway', name),
          path: `/servers/${server}/hosts/${index}`,
          code: 'certificate-does-not-cover',
          message: `the certificate ${tls.credentialName} is for ${enumerate(info.dnsNames) || 'no DNS name'}, not for ${gap}`,
        });
      });
    }
  }
};

/**
 * The part of a server's host that the certificate's names do not cover; undefined = all is covered, or cannot be. A
 * certificate's wildcard covers one label (RFC 9525 §6.3), ours any number, so clients reject the certificate for
 * deeper hosts. `*` is an unlimited set of hosts.
 */
function uncovered(names: ReadonlySet<string>, host: HostPattern): string | undefined {
  if (host === '*') return undefined;
  if (!host.startsWith('*.'))
    return names.has(host) || names.has(`*${host.slice(host.indexOf('.'))}`) ? undefined : host;
  return names.has(host) ? `hosts more than one label below ${host.slice(2)}, which ${host} admits` : host;
}
