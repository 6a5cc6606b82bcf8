import ipaddr from 'ipaddr.js';
import { isIn } from '../../model/values/cidr.ts';
import { parseServer } from '../dns/resolver.ts';
import type { Settings } from '../settings.ts';

/**
 * Returns the address of the client of a request. If the peer of the connection is a trusted proxy, the address is the
 * last one in the header of the proxies that is not itself a trusted proxy. What stands before it was written by that
 * client, and is ignored.
 *
 * @param peer the address of the peer; empty when it is unknown
 * @returns the address of the last proxy when that proxy does not report an IP address
 */
export function clientAddress(
  peer: string,
  headers: () => Headers,
  { trustedProxies, clientHeader }: Pick<Settings, 'trustedProxies' | 'clientHeader'>,
): string {
  let address = plain(peer);
  if (!isIn(address, trustedProxies)) return address;
  const reported = headers().get(clientHeader)?.split(',') ?? [];
  for (const hop of reported.reverse()) {
    const before = addressIn(clientHeader === 'forwarded' ? forwardedFor(hop) : hop);
    if (before === undefined) break;
    address = before;
    if (!isIn(address, trustedProxies)) break;
  }
  return address;
}

/** A network of a client. */
export interface Network {
  /** The same for all clients in the network. */
  name: string;
  /** How many times the limit of one client the network has. */
  share: number;
}

/**
 * The networks by which IPv6 clients count. One client has a whole /64, and providers assign a /56 or a /48 to many of
 * their customers. A larger network has a larger limit, because it may also contain several customers.
 */
const IPV6_NETWORKS = [
  { bits: 64, share: 1 },
  { bits: 56, share: 2 },
  { bits: 48, share: 4 },
];

/**
 * Returns the networks of a client, by which limits count: its IPv4 address, or three networks of an IPv6 address. The
 * neighbours of an IPv4 address are other customers.
 */
export function networksOf(address: string): Network[] {
  if (!ipaddr.isValid(address)) return [{ name: address, share: 1 }];
  const ip = ipaddr.process(address);
  if (ip.kind() === 'ipv4') return [{ name: ip.toString(), share: 1 }];
  const [a, b, c, d = 0] = (ip as ipaddr.IPv6).parts;
  return IPV6_NETWORKS.map(({ bits, share }) => ({
    name: `${[a, b, c, d & (0xffff << (64 - bits))].join(':')}/${bits}`,
    share,
  }));
}

/** The length of a text that contains an IPv6 address, a port and some spaces. */
const LONGEST_HOP = 100;

/** A socket for IPv4 and IPv6 shows an IPv4 peer as an IPv6 address. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** Returns the IP address of a hop. Some proxies also write the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function addressIn(hop: string | undefined): string | undefined {
  if (hop === undefined || hop.length > LONGEST_HOP) return undefined;
  const found = parseServer(hop.trim())?.address;
  return found && plain(found);
}

/**
 * Returns the node in the parameter `for` of one element of the header Forwarded (RFC 7239 §4). Elements whose texts
 * contain a comma are not recognised: no address does, and a client could otherwise open a quote that hides the
 * elements of proxies.
 */
function forwardedFor(element: string): string | undefined {
  const nodes = element.split(';').flatMap((pair) => /^\s*for=("?)([^"\\]*)\1\s*$/i.exec(pair)?.[2] ?? []);
  return nodes.length === 1 ? nodes[0] : undefined;
}
