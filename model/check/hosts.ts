import { bindings } from '../bindings.ts';
import type { HostPattern } from '../host.ts';
import { enumerate } from '../quote.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** Hosts that nobody can reach, and hosts whose certificate says another name. */
export const hosts: Check = function* (configuration, { warnings }, routes) {
  for (const [name, bound] of bindings(configuration, routes)) {
    yield;
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
  for (const [name, gateway] of configuration.entries('gateway')) {
    yield;
    gateway.servers.forEach(({ hosts, tls }, server) => {
      const info = tls && configuration.certificateInfo(tls.credentialName);
      if (!info) return;
      hosts.forEach((host, index) => {
        const gap = uncovered(info.dnsNames, host);
        if (gap === undefined) return;
        warnings.push({
          resource: resourceName('gateway', name),
          path: `/servers/${server}/hosts/${index}`,
          code: 'certificate-does-not-cover',
          message: `the certificate ${tls.credentialName} is for ${enumerate(info.dnsNames) || 'no DNS name'}, not for ${gap}`,
        });
      });
    });
  }
};

/**
 * The part of a server's host that the certificate's names do not cover; undefined = all is covered, or cannot be. A
 * certificate's wildcard covers one label (RFC 9525 §6.3), ours any number, so clients reject the certificate for
 * deeper hosts. `*` stands for an unlimited set of hosts.
 */
function uncovered(dnsNames: readonly string[], host: HostPattern): string | undefined {
  if (host === '*') return undefined;
  const names = dnsNames.map((name) => name.toLowerCase());
  if (!host.startsWith('*.'))
    return names.some((name) => name === host || name === `*${host.slice(host.indexOf('.'))}`) ? undefined : host;
  return names.includes(host) ? `hosts more than one label below ${host.slice(2)}, which ${host} admits` : host;
}
