/** The hosts of other tenants for which the gateways of a tenant need automatic certificates. */
import { type AutomaticName, automaticNames, hasAutomatic, isProvable } from '../automatic-certificates.ts';
import type { Configuration } from '../configuration.ts';
import { isShared } from '../values/allowed-routes.ts';
import { type HostPattern, patternsCovering } from '../values/host.ts';
import { parseReference } from '../values/reference.ts';
import { OwnerGateways, sharedGateways } from './shared-gateway.ts';

/** Whether routes of other tenants may attach to a server whose certificate has `acme`. */
export const sharesAutomatic = (configuration: Configuration): boolean =>
  hasAutomatic(configuration) &&
  sharedGateways(configuration).some(([, { servers }]) =>
    servers.some(({ tls, allowedRoutes }) => isShared(allowedRoutes) && acmeOf(configuration, tls?.credentialName)),
  );

/**
 * Lists the hosts that other tenants attach to servers whose certificate has `acme`, each once. Hosts for which the
 * owner has an automatic certificate anyway, of a wildcard, are left out.
 *
 * @param attached the hosts that each of the other tenants has attached
 */
export function attachedNames(
  configuration: Configuration,
  owner: string,
  attached: Iterable<readonly [tenant: string, hosts: readonly HostPattern[]]>,
): AutomaticName[] {
  const gateways = new OwnerGateways(configuration, owner);
  const own = new Set(automaticNames(configuration).map(({ name }) => name));
  const names = new Map<HostPattern, AutomaticName>();
  for (const [tenant, hosts] of attached)
    for (const [reference, { servers }] of gateways.for(tenant, hosts)) {
      const spec = configuration.get('gateway', parseReference(reference).name);
      for (const { port, hosts: admitted } of servers) {
        const certificate = spec?.servers.find((each) => each.port.name === port.name)?.tls?.credentialName;
        const acme = acmeOf(configuration, certificate);
        if (certificate === undefined || !acme) continue;
        for (const name of admitted)
          if (isProvable(name, acme.challenge) && ![...patternsCovering(name)].some((above) => own.has(above)))
            names.set(name, { name, certificate, challenge: acme.challenge ?? 'any' });
      }
    }
  return [...names.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const acmeOf = (configuration: Configuration, certificate: string | undefined) =>
  certificate === undefined ? undefined : configuration.get('certificate', certificate)?.acme;
