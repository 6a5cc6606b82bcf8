import type { Gateway, Server } from './kinds/gateway.ts';
import { rangeContaining } from './values/cidr.ts';
import { type HostPattern, nameless } from './values/host.ts';
import { carries, type Labels } from './values/labels.ts';
import { type Protocol, protocolsFor, type ServerProtocol, sendsHost, transportOf } from './values/protocol.ts';
import { publicSuffix } from './values/public-suffix.ts';

/** What happens to requests with a header whose name contains an underscore. */
export type Underscores = 'drop' | 'reject' | 'allow';

/** A port of a fleet. */
export interface FleetPort {
  /** The port that clients connect to and that gateways name. */
  number: number;
  /** The port that Envoy opens. */
  bind: number;
  protocol: Protocol;
  /** Present when each connection begins with a PROXY protocol header, and comes from one of these ranges. */
  proxyProtocol?: { trustedPeers: string[] } | undefined;
  /** Rules for the headers of requests. `maxKilobytes` limits the sum of all, `maxCount` their number. */
  headers?:
    | { underscores?: Underscores | undefined; maxKilobytes?: number | undefined; maxCount?: number | undefined }
    | undefined;
  /** How long a connection without a request under way stays open. */
  idleTimeout?: string | undefined;
}

/** The properties of a fleet that decide what it serves. A fleet in the feed and in the store has these fields too. */
export interface Fleet {
  name: string;
  labels: Labels;
  ports: FleetPort[];
  /** Ports that tenants ask for without choosing a number. The protocols are those whose clients send no host. */
  portRanges?: PortRange[];
  /** The only tenant that the fleet serves. Absent on a shared fleet. */
  tenant?: string;
  /** CIDR ranges and IP addresses to which the fleet sends no requests. */
  denyDestinations?: string[];
}

/** Consecutive ports of a fleet with one protocol. */
export interface PortRange {
  /** The first number that tenants may have. */
  from: number;
  /** The last number. */
  to: number;
  /** The port that Envoy opens for the first number; default: the same. The others follow it. */
  bind?: number | undefined;
  protocol: Protocol;
}

/** Returns the port of a number in a range; undefined when the range does not contain the number. */
export const portIn = ({ from, to, bind = from, protocol }: PortRange, number: number) =>
  number >= from && number <= to ? { number, bind: bind + number - from, protocol } : undefined;

/** Returns the ports of the fleet with a number: at most one per transport protocol. */
export const portsAt = ({ ports, portRanges = [] }: Pick<Fleet, 'ports' | 'portRanges'>, number: number) => [
  ...ports.filter((port) => port.number === number),
  ...portRanges.flatMap((range) => portIn(range, number) ?? []),
];

/**
 * Whether the fleet has all labels of the gateway's selector, and is not dedicated to another tenant. Only shared
 * fleets serve the routes of a tenant on a gateway of another tenant, which has its owner in a combined configuration.
 */
export const selects = (gateway: Gateway & { owner?: string }, tenant: string, fleet: Fleet): boolean =>
  (fleet.tenant === undefined || (fleet.tenant === tenant && gateway.owner === undefined)) &&
  carries(fleet.labels, gateway.selector);

/** The part of a server that decides which port of a fleet serves it. */
export type Opening = Pick<Server, 'tls'> & { port: Pick<Server['port'], 'number' | 'protocol'> };

/** Returns the protocol of the fleet's port that serves the server; undefined when the fleet offers no such port. */
export function protocolOn(fleet: Fleet, { port, tls }: Opening): Protocol | undefined {
  const protocols = protocolsFor(port.protocol, tls !== undefined);
  return portsAt(fleet, port.number).find(({ protocol }) => protocols.includes(protocol))?.protocol;
}

/** Whether the fleet has this port. */
export const hasPort = (fleet: Fleet, port: Pick<Fleet['ports'][number], 'number' | 'protocol'>): boolean =>
  portsAt(fleet, port.number).some(({ protocol }) => protocol === port.protocol);

/** Whether the fleet offers the port of a server for the protocol of the server. */
export const offers = (fleet: Fleet, server: Opening): boolean => protocolOn(fleet, server) !== undefined;

/**
 * Returns the reason why the fleet cannot serve HTTP/3 on one of its HTTPS ports. Undefined when it can. The listener
 * for HTTP/3 opens the UDP port with the same numbers.
 */
export function http3Refusal(
  { name, ports, portRanges = [] }: Pick<Fleet, 'name' | 'ports' | 'portRanges'>,
  number: number,
): string | undefined {
  const own = ports.find((port) => port.number === number && port.protocol === 'HTTPS');
  if (!own) return undefined;
  if (own.proxyProtocol)
    return `port ${number} of the fleet ${name} expects the PROXY protocol, which QUIC does not have`;
  const isUdp = ({ protocol }: { protocol: Protocol }) => transportOf(protocol) === 'udp';
  const rival = ports.filter(isUdp).find((port) => port.number === own.number || port.bind === own.bind);
  if (rival) return `the fleet ${name} offers UDP port ${rival.number} to ${rival.protocol} servers`;
  const range = portRanges
    .filter(isUdp)
    .find(({ from, to, bind = from }) =>
      [own.number - from, own.bind - bind].some((offset) => offset >= 0 && offset <= to - from),
    );
  return range && `the fleet ${name} assigns UDP ports ${range.from}-${range.to} to ${range.protocol} servers`;
}

/**
 * Returns the reason why the fleet serves a host pattern for no tenant. Undefined when the fleet may serve it, which is
 * always so for a fleet of one tenant, and for a port whose clients send no host: such a port belongs to one tenant.
 *
 * @param protocol the protocol of the server that names the host; default: one whose clients send a host
 * @returns a code in kebab-case, and a sentence for people
 * @example refusal(sharedFleet, '*.co.uk')?.code // 'public-suffix'
 */
export function refusal(
  fleet: Fleet,
  host: HostPattern,
  protocol: Protocol | ServerProtocol = 'HTTP',
): { code: string; reason: string } | undefined {
  if (fleet.tenant !== undefined || !sendsHost(protocol)) return undefined;
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
 * Returns the first denied range of the fleet that contains an IP address, as it is written. Undefined when the fleet
 * may send requests to the address. DNS names are in no range.
 */
export const deniedRange = (fleet: Pick<Fleet, 'denyDestinations'>, address: string): string | undefined =>
  rangeContaining(address, fleet.denyDestinations ?? []);

/**
 * The host of a server whose hosts were all withdrawn. It is a public suffix, so nobody claims it and no shared fleet
 * serves it, and the routes and certificates of the server stay as they are.
 */
export const WITHDRAWN = 'withdrawn';

/** The sockets that an Envoy of a fleet opens for visitors. */
export interface Listeners extends Pick<Fleet, 'ports' | 'portRanges'> {
  /** The addresses at which it accepts connections. */
  addresses: readonly string[];
}

/**
 * Whether a connection to this address and port would arrive at the Envoy that opens it. Through such an endpoint, one
 * connection would open the next, without end.
 */
export const isOwnListener = (
  { ports, portRanges = [], addresses }: Listeners,
  address: string,
  port: number,
): boolean =>
  (ports.some(({ bind }) => bind === port) ||
    portRanges.some(({ from, to, bind = from }) => port >= bind && port <= bind + to - from)) &&
  rangeContaining(address, addresses) !== undefined;

/** Returns the reason why the fleet sends no requests to an address. Undefined when it may send them. */
export function denial(fleet: Fleet, address: string): string | undefined {
  const range = deniedRange(fleet, address);
  return range === undefined
    ? undefined
    : `the fleet ${fleet.name} sends nothing to ${range}, which contains ${address}`;
}

/**
 * Returns the code, message and hint of the violation by a server whose fleet cannot serve HTTP/3.
 *
 * @param reason as `http3Refusal` returns it
 */
export const http3NotOffered = (reason: string) => ({
  code: 'http3-not-offered',
  message: `HTTP/3 is not served: ${reason}`,
  hint: 'use another HTTPS port, or leave http3 out',
});

/**
 * Returns the code, message and hint of the violation by a server whose port the fleet does not offer. The caller adds
 * the resource and the path.
 */
export function portNotOffered(fleet: Fleet, { number, protocol }: Pick<Server['port'], 'number' | 'protocol'>) {
  return {
    code: 'port-not-offered',
    message: `the fleet ${fleet.name} does not offer port ${number} for ${protocol}`,
    hint: offeredBy(fleet),
  };
}

/** Lists the ports of a fleet, as the end of a sentence about one that it does not offer. */
export function offeredBy({ ports, portRanges = [] }: Fleet): string {
  const offered = [
    ...ports.map(({ number, protocol }) => `${number} (${protocol})`),
    ...portRanges.map(({ from, to, protocol }) => `${from}-${to} (${protocol})`),
  ];
  return `it offers ${offered.join(', ') || 'no port'}`;
}
