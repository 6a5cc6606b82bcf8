import { holder } from '../cidr.ts';
import type { Configuration } from '../configuration.ts';
import { type Fleet, selects } from '../fleet.ts';
import type { Gateway } from '../gateway.ts';
import { resourceName } from '../violations.ts';
import type { Findings } from './findings.ts';

/** What holds or fails because of the fleets there are: ports on offer, `*`, forbidden destinations. */
export function checkOnFleets(configuration: Configuration, tenant: string, fleets: readonly Fleet[]): Findings {
  const found: Findings = { errors: [], warnings: [] };
  const serving = new Set<Fleet>();
  for (const [name, gateway] of configuration.entries('gateway')) {
    const selected = fleets.filter((fleet) => selects(gateway, tenant, fleet));
    for (const fleet of selected) serving.add(fleet);
    checkGateway(found, resourceName('gateway', name), gateway, selected);
  }
  for (const [name, upstream] of configuration.entries('upstream')) {
    upstream.endpoints.forEach(({ address }, index) => {
      for (const fleet of serving) {
        const cidr = holder(address, fleet.denyDestinations ?? []);
        if (cidr === undefined) continue;
        const message = `the fleet ${fleet.name} sends nothing to ${cidr}`;
        found.errors.push({
          resource: resourceName('upstream', name),
          path: `/endpoints/${index}/address`,
          code: 'destination-denied',
          message,
        });
      }
    });
  }
  return found;
}

function checkGateway(found: Findings, resource: string, { selector, servers }: Gateway, selected: Fleet[]): void {
  if (selected.length === 0) {
    const wanted = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
    found.warnings.push({
      resource,
      path: '/selector',
      code: 'no-fleet',
      message: `no fleet carries ${wanted.join(', ')}: the gateway is not served`,
    });
    return;
  }
  servers.forEach(({ port, hosts }, server) => {
    const offering = selected.filter((fleet) =>
      fleet.ports.some(({ number, protocol }) => number === port.number && protocol === port.protocol),
    );
    for (const fleet of selected) {
      if (offering.includes(fleet)) continue;
      const offered = fleet.ports.map(({ number, protocol }) => `${number} (${protocol})`).join(', ');
      const violation = {
        resource,
        path: `/servers/${server}/port`,
        code: 'port-not-offered',
        message: `the fleet ${fleet.name} does not offer port ${port.number} for ${port.protocol}`,
        hint: `it offers ${offered || 'no port'}`,
      };
      (offering.length === 0 ? found.errors : found.warnings).push(violation);
    }
    const shared = selected.find((fleet) => fleet.tenant === undefined);
    const star = hosts.indexOf('*');
    if (shared && star !== -1) {
      const message = `the fleet ${shared.name} is shared: \`*\` would take every tenant's hosts`;
      found.errors.push({
        resource,
        path: `/servers/${server}/hosts/${star}`,
        code: 'wildcard-on-shared-fleet',
        message,
        hint: 'name your hosts, or use a fleet of your own',
      });
    }
  });
}
