import { hasAutomatic } from '../automatic-certificates.ts';
import { credentialsOf } from '../kinds/server-tls.ts';
import { isShared } from '../values/allowed-routes.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/**
 * Reports places where a certificate with `acme` cannot be used, because it is one certificate per host of a server.
 */
export const automatic: Check = function* (configuration, { errors }) {
  if (!hasAutomatic(configuration)) return;
  const isAutomatic = (name: string) => configuration.get('certificate', name)?.acme !== undefined;
  const provesExactHosts = (name: string) => {
    const acme = configuration.get('certificate', name)?.acme;
    return acme !== undefined && acme.challenge !== 'DNS-01';
  };
  const others = new Map<string, string>();
  for (const [name, gateway] of configuration.entries('gateway')) {
    const report = (path: string, code: string, message: string) =>
      errors.push({ resource: resourceName('gateway', name), path, code, message });
    for (const [index, { hosts, tls, http3, allowedRoutes }] of gateway.servers.entries()) {
      yield;
      const at = `/servers/${index}`;
      if (tls?.credentialNames?.some(isAutomatic))
        report(
          `${at}/tls/credentialNames`,
          'automatic-in-pair',
          'a certificate with acme has one key; use credentialName',
        );
      const [credential] = tls ? credentialsOf(tls) : [];
      if (credential === undefined) continue;
      const isForOthers = isShared(allowedRoutes);
      for (const [position, host] of hosts.entries()) {
        const other = others.get(host);
        if (other !== undefined && other !== credential && (isAutomatic(other) || isAutomatic(credential)))
          report(
            `${at}/tls/credentialName`,
            'certificate-conflict',
            `${host} has the certificate ${other} on another port: with acme, a host has the same certificate on all ports`,
          );
        others.set(host, credential);
        // Each host that another tenant attaches below the wildcard gets a certificate of its own.
        if (isForOthers) continue;
        if (host === '*' ? isAutomatic(credential) : host.startsWith('*') && provesExactHosts(credential))
          report(
            `${at}/hosts/${position}`,
            'wildcard-not-automatic',
            host === '*'
              ? 'no authority issues a certificate for *'
              : `the challenge of the certificate ${credential} proves exact hosts only, not ${host}; use DNS-01`,
          );
      }
      if (isAutomatic(credential) && http3)
        report(`${at}/http3`, 'automatic-http3', `HTTP/3 needs a certificate without acme, not ${credential}`);
    }
  }
  for (const [name, { tls }] of configuration.entries('upstream')) {
    yield;
    const credential = tls?.credentialName;
    if (credential !== undefined && isAutomatic(credential))
      errors.push({
        resource: resourceName('upstream', name),
        path: '/tls/credentialName',
        code: 'automatic-client',
        message: `${credential} has acme: its certificates are for servers, not for clients`,
      });
  }
};
