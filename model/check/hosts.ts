import { boundServers } from '../binding/bound-servers.ts';
import { hostBindings } from '../binding/host-bindings.ts';
import { edgeGatewaysOf } from '../kinds/route.ts';
import { credentialsOf } from '../kinds/server-tls.ts';
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
      // `references` reports a missing gateway or server as an error.
      if (
        reason === undefined ||
        edgeGatewaysOf(configuration.get('route', name)!).some((text) => boundServers(configuration, text).length === 0)
      )
        return;
      warnings.push({
        resource: resourceName('route', name),
        ...(configuration.get('route', name)!.hosts
          ? { path: `/hosts/${index}`, message: `${host} is not served: ${reason}` }
          : { path: '/gateways', message: `the route is not served: ${reason}` }),
        code: 'unbound-host',
      });
    });
  }
};

/** Warns about hosts of servers that the certificate of the server does not cover. */
export const certificateNames: Check = function* (configuration, { warnings }) {
  const namesOf = new Map<string, ReadonlySet<string>>();
  for (const [name, gateway] of configuration.entries('gateway')) {
    for (const [server, { hosts, tls }] of gateway.servers.entries()) {
      for (const credential of tls ? credentialsOf(tls) : []) {
        yield;
        const info = configuration.info('certificate', credential);
        if (!info) continue;
        const names = namesOf.get(credential) ?? new Set(info.dnsNames.map((each) => each.toLowerCase()));
        namesOf.set(credential, names);
        hosts.forEach((host, index) => {
          const gap = uncovered(names, host);
          if (gap === undefined) return;
          warnings.push({
            resource: resourceName('gateway', name),
            path: `/servers/${server}/hosts/${index}`,
            code: 'certificate-does-not-cover',
            message: `the certificate ${credential} is for ${enumerate(info.dnsNames) || 'no DNS name'}, not for ${gap}`,
          });
        });
      }
    }
  }
};

/** Reports pairs of certificates with keys of the same type: a client could not choose between them. */
export const certificatePairs: Check = function* (configuration, { errors }) {
  for (const [name, gateway] of configuration.entries('gateway')) {
    for (const [server, { tls }] of gateway.servers.entries()) {
      yield;
      const types = (tls?.credentialNames ?? []).map((each) =>
        configuration.info('certificate', each)?.keyType.replace(/ .*/, ''),
      );
      if (types.length === 0 || types.includes(undefined) || new Set(types).size === types.length) continue;
      errors.push({
        resource: resourceName('gateway', name),
        path: `/servers/${server}/tls/credentialNames`,
        code: 'same-key-type',
        message: `both certificates have an ${types[0]} key: one must be RSA and one ECDSA`,
      });
    }
  }
};

/**
 * Returns the part of a server's host that the names of its certificate do not cover, as a noun for a sentence. The
 * wildcard of a certificate covers one label (RFC 9525 §6.3), but the wildcard of a server covers any number of labels.
 * Clients reject the certificate for the deeper hosts.
 *
 * @returns undefined when all is covered, and for `*`, which no certificate can cover
 */
export function uncovered(names: ReadonlySet<string>, host: HostPattern): string | undefined {
  if (host === '*') return undefined;
  if (!host.startsWith('*.'))
    return names.has(host) || names.has(`*${host.slice(host.indexOf('.'))}`) ? undefined : host;
  return names.has(host) ? `hosts more than one label below ${host.slice(2)}, which ${host} admits` : host;
}
