import { only } from '../binding/bound-servers.ts';
import { isInMesh, meshFleets, servesMesh } from '../binding/mesh.ts';
import { isServed } from '../binding/serving.ts';
import type { Configuration } from '../configuration.ts';
import {
  denial,
  type Fleet,
  http3NotOffered,
  http3Refusal,
  offers,
  portNotOffered,
  refusal,
  selects,
} from '../fleet.ts';
import type { Gateway } from '../kinds/gateway.ts';
import { type Kind, kindIds } from '../kinds/index.ts';
import { edgeGatewaysOf } from '../kinds/route.ts';
import { type Pausable, withoutPauses } from '../pausable.ts';
import { isForeign, parseBinding } from '../values/reference.ts';
import { resourceName } from '../violations.ts';
import type { Findings } from './findings.ts';

/**
 * Checks a configuration against the current fleets: offered ports, hosts that no tenant may have, and denied
 * destinations. It pauses once per gateway, server and endpoint.
 *
 * @param fleets all fleets; those that serve neither a gateway nor the mesh of the tenant are ignored
 * @param kinds the kinds that changed. Without a change of gateways, gateways are not checked; without a change of
 *   gateways, upstreams, or routes on gateways of other tenants, nothing is
 */
export function* checkingOnFleets(
  configuration: Configuration,
  tenant: string,
  fleets: readonly Fleet[],
  kinds: readonly Kind[] = kindIds,
): Pausable<Findings> {
  const found: Findings = { errors: [], warnings: [] };
  const gatewaysChanged = kinds.includes('gateway');
  const hasForeign = configuration.names('gateway').some(isForeign);
  // A route may be the first on a gateway of another tenant, which other fleets serve.
  const mayAttach = hasForeign && kinds.includes('route');
  if (!gatewaysChanged && !kinds.includes('upstream') && !mayAttach) return found;
  const attached = hasForeign ? yield* gatewaysOfRoutes(configuration) : new Set();
  const serving = new Set<Fleet>(meshFleets(fleets, tenant, [configuration]));
  for (const [name, gateway] of configuration.entries('gateway')) {
    yield;
    const selected = fleets.filter((fleet) => selects(gateway, tenant, fleet));
    if (!isForeign(name) || attached.has(name)) for (const fleet of selected) serving.add(fleet);
    if (gatewaysChanged) yield* checkGateway(found, resourceName('gateway', name), gateway, selected);
  }
  for (const [name, upstream] of configuration.entries('upstream')) {
    for (const [index, { address }] of upstream.endpoints.entries()) {
      yield;
      for (const fleet of serving) {
        const message = denial(fleet, address);
        if (message === undefined) continue;
        found.errors.push({
          resource: resourceName('upstream', name),
          path: `/endpoints/${index}/address`,
          code: 'destination-denied',
          message,
        });
      }
    }
  }
  return found;
}

/** Lists the gateways that routes name. A combined configuration may contain others, of other tenants. */
function* gatewaysOfRoutes(configuration: Configuration): Pausable<Set<string>> {
  const named = new Set<string>();
  for (const [, route] of configuration.entries('route')) {
    yield;
    for (const text of edgeGatewaysOf(route)) named.add(parseBinding(text).gateway);
  }
  return named;
}

/** The same as {@link checkingOnFleets}, for all kinds and without pauses. */
export const checkOnFleets = (configuration: Configuration, tenant: string, fleets: readonly Fleet[]): Findings =>
  withoutPauses(checkingOnFleets(configuration, tenant, fleets));

/**
 * Warns about routes whose gateways no fleet serves, if a fleet serves another gateway of the tenant. In this case a
 * revision that also changes other resources can become live, and only this warning shows that the routes are not
 * served.
 *
 * @param routes the names of the routes to check
 * @returns the warnings; an empty list also when no fleet serves any gateway of the tenant
 */
export function* routesWithoutFleet(
  configuration: Configuration,
  tenant: string,
  fleets: readonly Fleet[],
  routes: readonly string[],
): Pausable<Findings['warnings']> {
  const unserved: Findings['warnings'] = [];
  const [first, second] = configuration.names('gateway');
  for (const name of routes) {
    yield;
    const route = configuration.get('route', name) ?? {};
    // Most tenants have one gateway, so no fleet can serve another one.
    if (first !== undefined && second === undefined && route.gateways?.includes(first)) continue;
    const inMesh = isInMesh(route);
    if (inMesh && fleets.some((fleet) => servesMesh(fleet, tenant))) continue;
    const gateways = edgeGatewaysOf(route).flatMap((text) => {
      const { gateway, portName } = parseBinding(text);
      const found = configuration.get('gateway', gateway);
      return found ? only(found, portName) : [];
    });
    if ((gateways.length === 0 && !inMesh) || gateways.some((each) => isServed(each, tenant, fleets))) continue;
    unserved.push({
      resource: resourceName('route', name),
      path: '/gateways',
      code: 'no-fleet',
      message:
        gateways.length === 0
          ? 'no fleet belongs to this tenant alone, and only such a fleet serves `mesh`: the route is not served'
          : 'no fleet serves any of these gateways: the route is not served',
      ...(gateways.length === 0 && { hint: 'name a gateway in `gateways`, if the route is not meant for the mesh' }),
    });
  }
  if (unserved.length === 0) return unserved;
  for (const [, gateway] of configuration.entries('gateway')) {
    yield;
    if (isServed(gateway, tenant, fleets)) return unserved;
  }
  return [];
}

function* checkGateway(
  found: Findings,
  resource: string,
  { selector, servers }: Gateway,
  selected: readonly Fleet[],
): Pausable<void> {
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
  for (const [server, opening] of servers.entries()) {
    yield;
    const { port, hosts, http3 } = opening;
    const offering = selected.filter((fleet) => offers(fleet, opening));
    for (const fleet of selected) {
      if (offering.includes(fleet)) continue;
      const violation = { resource, path: `/servers/${server}/port`, ...portNotOffered(fleet, port) };
      (offering.length === 0 ? found.errors : found.warnings).push(violation);
    }
    if (http3) {
      const refusals = offering.flatMap((fleet) => http3Refusal(fleet, port.number) ?? []);
      const list = refusals.length === offering.length ? found.errors : found.warnings;
      for (const message of refusals)
        list.push({ resource, path: `/servers/${server}/http3`, ...http3NotOffered(message) });
    }
    hosts.forEach((host, index) => {
      // One message is enough for all shared fleets, because they refuse the same hosts.
      const refused = selected.map((fleet) => refusal(fleet, host, port.protocol)).find((each) => each !== undefined);
      if (refused)
        found.errors.push({
          resource,
          path: `/servers/${server}/hosts/${index}`,
          code: refused.code,
          message: refused.reason,
          hint: 'name your own hosts, or use a fleet of your own',
        });
    });
  }
}
