import { portZone } from '../../model/binding/ports.ts';
import { hostsIn, type SpecOf } from '../../model/kinds/index.ts';
import type { HostPattern } from '../../model/values/host.ts';
import { sendsHost } from '../../model/values/protocol.ts';
import { resourceName } from '../../model/violations.ts';
import type { Unproven } from '../domains/proven.ts';
import { serves } from '../serving/serving.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Unserved } from './evaluation.ts';
import type { Move } from './move.ts';

/** Hosts and ports of a tenant that a shared fleet would begin to serve, although the tenant may not have them. */
export interface Refused {
  tenant: string;
  hosts: Set<HostPattern>;
  /** As `portZone` names them. */
  ports: Set<string>;
  /** Where the hosts and ports are, and why the tenant may not have them. */
  places: Unserved[];
  /** Whether a fleet that operators have dedicated to the tenant serves one of them. */
  isDedicated: boolean;
}

/** Finds what a fleet would begin to serve of what a tenant does not get. Undefined when it is nothing. */
export function refusedIn(move: Move, after: Fleet | undefined): Refused | undefined {
  const { before, tenant, gateways, served, refused, refusedPorts: ports } = move;
  const hosts = new Set([...refused.keys()].filter((host) => served.has(host)));
  if (hosts.size + ports.size === 0 || !after) return undefined;
  const places: Unserved[] = [];
  let isDedicated = false;
  for (const [name, gateway] of gateways) {
    if (!serves(after, tenant, gateway)) continue;
    const found = [...hostPlaces(after, gateway, hosts, refused), ...portPlaces(after, gateway, ports)];
    if (found.length === 0) continue;
    isDedicated ||= before.some((fleet) => fleet.managedBy === undefined && serves(fleet, tenant, gateway));
    places.push(...found.map((place) => ({ tenant, resource: resourceName('gateway', name), ...place })));
  }
  return { tenant, hosts, ports, places, isDedicated };
}

type Place = Pick<Unserved, 'path' | 'code' | 'message'>;

const hostPlaces = (
  { name }: Fleet,
  gateway: SpecOf<'gateway'>,
  hosts: ReadonlySet<HostPattern>,
  refused: Move['refused'],
): Place[] =>
  [...hostsIn('gateway', gateway)]
    .filter(([host]) => hosts.has(host))
    .map(([host, path]) => ({
      path,
      code: 'host-withdrawn',
      message: `${host} is withdrawn from the gateway, because the shared fleet ${name} would serve it: ${REASONS[refused.get(host)!]}`,
    }));

const portPlaces = ({ name }: Fleet, { servers }: SpecOf<'gateway'>, ports: ReadonlySet<string>): Place[] =>
  servers.flatMap(({ port }, index) =>
    sendsHost(port.protocol) || !ports.has(portZone(port))
      ? []
      : {
          path: `/servers/${index}/port`,
          code: 'port-taken',
          message: `the shared fleet ${name} would serve port ${port.number} for several tenants, and can give it to only one`,
        },
  );

const REASONS: Record<Unproven | 'taken', string> = {
  unproven: 'the tenant has not proven its domain',
  'of another tenant': 'another tenant has proven its domain',
  'above another tenant': 'it covers a domain that another tenant has proven',
  'of the platform': 'it is on the domain of the platform',
  taken: 'it belongs to another tenant, or overlaps a host that does',
};
