/** The names for which a tenant's configuration asks for automatic certificates. */
import type { Configuration } from './configuration.ts';
import type { AcmeChallenge } from './kinds/certificate.ts';
import type { HostPattern } from './values/host.ts';

/** A host of a server whose certificate has `acme`. It gets a certificate of its own. */
export interface AutomaticName {
  name: HostPattern;
  /** The name of the certificate that the server names. */
  certificate: string;
  /** `any`: the one that the fleets allow. */
  challenge: AcmeChallenge | 'any';
}

/** Whether a challenge proves a host to an authority. */
export const isProvable = (host: HostPattern, challenge: AcmeChallenge | undefined): boolean =>
  host !== '*' && (!host.startsWith('*') || challenge === 'DNS-01');

const known = new WeakMap<object, boolean>();

/** Whether a tenant has a certificate with `acme`. */
export function hasAutomatic(configuration: Configuration): boolean {
  const identity = configuration.identity('certificate');
  let has = known.get(identity);
  if (has === undefined) {
    has = [...configuration.entries('certificate')].some(([, { acme }]) => acme !== undefined);
    known.set(identity, has);
  }
  return has;
}

/**
 * Lists the hosts of all servers that name a certificate with `acme`, each one once, sorted by name. A wildcard that
 * the challenge cannot prove is left out: it only admits hosts of other tenants.
 *
 * @example automaticNames(configuration) // [{ name: 'shop.example', certificate: 'auto', challenge: 'HTTP-01' }]
 */
export function automaticNames(configuration: Configuration): AutomaticName[] {
  if (!hasAutomatic(configuration)) return [];
  const names = new Map<HostPattern, AutomaticName>();
  for (const [, { servers }] of configuration.entries('gateway'))
    for (const { hosts, tls } of servers) {
      const certificate = tls?.credentialName;
      const acme = certificate === undefined ? undefined : configuration.get('certificate', certificate)?.acme;
      if (certificate === undefined || !acme) continue;
      for (const name of hosts)
        if (!names.has(name) && isProvable(name, acme.challenge))
          names.set(name, { name, certificate, challenge: acme.challenge ?? 'any' });
    }
  return [...names.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
