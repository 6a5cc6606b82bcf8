import { bindings } from '../bindings.ts';
import type { HostPattern } from '../host.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** Hosts that nobody can reach, and hosts whose certificate says another name. */
export const hosts: Check = (configuration, { warnings }, routes) => {
  for (const [name, bound] of bindings(configuration, routes)) {
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
    gateway.servers.forEach(({ hosts, tls }, server) => {
      const info = tls && configuration.certificateInfo(tls.credentialName);
      if (!info) return;
      hosts.forEach((host, index) => {
        if (host === '*' || info.dnsNames.some((dnsName) => certifies(dnsName.toLowerCase(), host))) return;
        const message = `the certificate ${tls.credentialName} is for ${info.dnsNames.join(', ') || 'no DNS name'}, not for ${host}`;
        warnings.push({
          resource: resourceName('gateway', name),
          path: `/servers/${server}/hosts/${index}`,
          code: 'certificate-does-not-cover',
          message,
        });
      });
    });
  }
};

/** A certificate's wildcard stands for one label (RFC 9525 §6.3), so it cannot fully cover ours; we ask that it covers what it can. */
function certifies(dnsName: string, host: HostPattern): boolean {
  if (dnsName === host) return true;
  return dnsName.startsWith('*.') && !host.startsWith('*') && host.slice(host.indexOf('.')) === dnsName.slice(1);
}
