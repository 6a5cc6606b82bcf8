import { boundServers } from '../binding/bound-servers.ts';
import { edgeGatewaysOf, type Route } from '../kinds/route.ts';
import { MESH, parseBinding } from '../values/reference.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';
import { SECTIONS, servesSection } from './sections.ts';

/** Warns about hosts and gateways that a route names twice, and about rules of a kind that none of its servers serves. */
export const bindingEffects: Check = function* (configuration, { warnings }, names) {
  for (const [name, route] of configuration.entries('route', names.route)) {
    yield;
    const warn = (path: string, message: string) =>
      warnings.push({ resource: resourceName('route', name), path, code: 'without-effect', message });
    if (isRepeatable(route)) for (const [path, message] of repeated(route)) warn(path, message);
    const written = SECTIONS.filter((section) => route[section]);
    // `hosts` reports a route of which nothing is served, as is every route of one section that is not.
    if (written.length < 2) continue;
    const gateways = edgeGatewaysOf(route).map((text) => boundServers(configuration, text));
    // `references` reports a missing gateway. A route with parents has no servers of its own.
    if (route.parents || gateways.some((servers) => servers.length === 0)) continue;
    const inMesh = route.gateways?.includes(MESH) ?? false;
    const isServed = (section: (typeof SECTIONS)[number]) =>
      (section === 'http' && inMesh) || gateways.flat().some((server) => servesSection(server, section));
    if (!written.some(isServed)) continue;
    for (const section of written)
      if (!isServed(section)) warn(`/${section}`, `has no effect: no server of the gateways serves ${section} rules`);
  }
};

/** Whether a list can name something twice. */
const isRepeatable = ({ hosts = [], gateways = [] }: Route): boolean => hosts.length > 1 || gateways.length > 1;

function* repeated({ hosts = [], gateways = [] }: Route): Generator<[path: string, message: string]> {
  for (const [field, list] of Object.entries({ hosts, gateways })) {
    const seen = new Set<string>();
    for (const [index, text] of list.entries()) {
      if (seen.has(text)) yield [`/${field}/${index}`, `has no effect: ${text} is written twice`];
      seen.add(text);
    }
  }
  for (const [index, text] of gateways.entries()) {
    const { gateway, portName } = parseBinding(text);
    if (portName !== undefined && gateways.includes(gateway))
      yield [`/gateways/${index}`, `has no effect: ${gateway} stands for all servers of the gateway`];
  }
}
