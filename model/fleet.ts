import type { Gateway, Server } from './kinds/gateway.ts';
import { rangeContaining } from './values/cidr.ts';
import { type HostPattern, nameless } from './values/host.ts';
import { carries, type Labels } from './values/labels.ts';
import type { Protocol } from './values/protocol.ts';
import { publicSuffix } from './values/public-suffix.ts';

/** What binding needs to know of a fleet of Envoys. The descriptions in the feed and in the store have these fields. */
export interface Fleet {
  name: string;
  labels: Labels;
  /** `number` is the port that clients and gateways name, `bind` is the port that Envoy opens. */
  ports: { number: number; bind: number; protocol: Protocol }[];
  /** Present on a fleet dedicated to one tenant. */
  tenant?: string;
  /** Ranges (CIDR) to which no upstream may point. */
  denyDestinations?: string[];
}

/** Whether a gateway of the tenant selects the fleet, and the fleet is not dedicated to another tenant. */
export const selects = (gateway: Gateway, tenant: string, fleet: Fleet): boolean =>
  (fleet.tenant === undefined || fleet.tenant === tenant) && carries(fleet.labels, gateway.selector);

/** Whether the fleet offers the port of a server. */
export const offers = (fleet: Fleet, port: Pick<Server['port'], 'number' | 'protocol'>): boolean =>
  fleet.ports.some(({ number, protocol }) => number === port.number && protocol === port.protocol);

/**
 * Why a shared fleet serves a host pattern for no tenant; undefined when it may serve it. Dedicated fleets serve all.
 */
export function refusal(fleet: Fleet, host: HostPattern): { code: string; reason: string } | undefined {
  if (fleet.tenant !== undefined) return undefined;
  const shared = `the fleet ${fleet.name} is shared`;
  if (host === '*')
    return { code: 'wildcard-on-shared-fleet', reason: `${shared}: \`*\` would match every tenant's hosts` };
  const kind = nameless(host);
  if (kind !== undefined)
    return { code: 'not-a-name', reason: `${shared}: ${host} covers ${kind}, which no tenant owns` };
  const suffix = publicSuffix(host);
  return suffix === undefined
    ? undefined
    : {
        code: 'public-suffix',
        reason: `${shared}: ${host} would match the public suffix ${suffix}, which no tenant owns`,
      };
}

/**
 * The denied range of the fleet that contains an IP address; undefined when requests may be sent there. DNS names are
 * in no range.
 */
export const deniedRange = (fleet: Pick<Fleet, 'denyDestinations'>, address: string): string | undefined =>
  rangeContaining(address, fleet.denyDestinations ?? []);

/** Why the fleet sends no request to an address; undefined when it may. */
export function denial(fleet: Fleet, address: string): string | undefined {
  const range = deniedRange(fleet, address);
  return range === undefined
    ? undefined
    : `the fleet ${fleet.name} sends nothing to ${range}, which contains ${address}`;
}

/**
 * The violation of a server whose port the fleet does not offer, without the place of the server.
 *
 * @param port the port and protocol of the server
 */
export function portNotOffered(fleet: Fleet, { number, protocol }: Pick<Server['port'], 'number' | 'protocol'>) {
  const offered = fleet.ports.map((port) => `${port.number} (${port.protocol})`).join(', ');
  return {
    code: 'port-not-offered',
    message: `the fleet ${fleet.name} does not offer port ${number} for ${protocol}`,
    hint: `it offers ${offered || 'no port'}`,
  };
}
