import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { type IpAddress, parseIp } from './address.ts';

/** A range of IPv4 or IPv6 addresses. */
export interface Cidr {
  network: IpAddress;
  prefix: number;
}

/**
 * Parses a range such as `10.0.0.0/8`, or a single address as a range of one. Bits after the prefix may be set:
 * `10.1.2.3/8` means `10.0.0.0/8`.
 *
 * @returns undefined when the text is neither
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const network = parseIp(slash === -1 ? text : text.slice(0, slash));
  if (!network) return undefined;
  const width = network.kind() === 'ipv4' ? 32 : 128;
  const length = slash === -1 ? String(width) : text.slice(slash + 1);
  return /^(?:0|[1-9]\d{0,2})$/.test(length) && Number(length) <= width
    ? { network, prefix: Number(length) }
    : undefined;
}

export const CidrText = z
  .string()
  .max(64, { abort: true })
  .refine((text) => parseCidr(text) !== undefined, 'must be a range such as 10.0.0.0/8 or fd00::/8, or one IP address')
  .overwrite(masked);

/** Clears the bits after the prefix, so that the text shows the whole range: `10.1.2.3/8` becomes `10.0.0.0/8`. */
function masked(text: string): string {
  const cidr = parseCidr(text);
  if (!cidr) return text;
  const network = maskedNetwork(cidr);
  return network.toNormalizedString() === cidr.network.toNormalizedString() ? text : `${network}/${cidr.prefix}`;
}

/** Returns the first address of the range. */
function maskedNetwork({ network, prefix }: Cidr): IpAddress {
  const text = `${network}/${prefix}`;
  return network.kind() === 'ipv4'
    ? ipaddr.IPv4.networkAddressFromCIDR(text)
    : ipaddr.IPv6.networkAddressFromCIDR(text);
}

/**
 * Returns the first of the ranges that contains an IP address. A range also contains an IPv6 address if it contains an
 * IPv4 address embedded in it, because a translator or tunnel may deliver to the embedded address.
 *
 * @param address an IP address; a DNS name is in no range
 * @param cidrs ranges; those that `parseCidr` cannot read contain no address
 * @returns the range as it is written, or undefined
 * @example rangeContaining('::ffff:10.0.0.1', ['192.0.2.0/24', '10.0.0.0/8']) // '10.0.0.0/8'
 */
export function rangeContaining(address: string, cidrs: readonly string[]): string | undefined {
  const ip = cidrs.length === 0 ? undefined : parseIp(address);
  if (!ip) return undefined;
  const destinations = [ip, ...aliases(ip)];
  return parsed(cidrs).find(({ cidr }) => destinations.some((each) => contains(cidr, each)))?.text;
}

/**
 * Returns the ranges that lie within a range of both lists, without duplicates.
 *
 * @example commonCidrs(['10.0.0.0/8'], ['10.1.0.0/16', '192.0.2.1']) // ['10.1.0.0/16']
 */
export function commonCidrs(a: readonly string[], b: readonly string[]): string[] {
  const within = (inner: readonly string[], outer: readonly string[]) => {
    const ranges = outer.flatMap((text) => parseCidr(text) ?? []);
    const isAround = (range: Cidr, { network, prefix }: Cidr) =>
      range.network.kind() === network.kind() && range.prefix <= prefix && contains(range, network);
    return inner.filter((text) => {
      const cidr = parseCidr(text);
      return cidr && ranges.some((range) => isAround(range, cidr));
    });
  };
  return [...new Set([...within(b, a), ...within(a, b)])];
}

/**
 * Whether an IP address is in one of the ranges, compared bit by bit as Envoy compares the address of a client. An
 * embedded IPv4 address does not count.
 */
export function isIn(address: string, cidrs: readonly string[]): boolean {
  const ip = cidrs.length === 0 ? undefined : parseIp(address);
  return ip !== undefined && parsed(cidrs).some(({ cidr }) => cidr.network.kind() === ip.kind() && contains(cidr, ip));
}

/**
 * Adds to these ranges every range of addresses that lead into one of them, because Envoy compares addresses bit by
 * bit. The result contains the addresses for which {@link rangeContaining} finds a range, with three exceptions:
 * Teredo, ISATAP, and the NAT64 prefix for local use. Their embedded addresses do not form ranges.
 *
 * @param cidrs ranges; those that {@link parseCidr} cannot read are left out
 * @returns the ranges without duplicates: the first address of each, and the length of its prefix in bits
 */
export function withAliases(cidrs: readonly string[]): { address: string; prefix: number }[] {
  const all = new Map<string, { address: string; prefix: number }>();
  for (const { cidr } of parsed(cidrs)) {
    for (const each of [cidr, ...aliasRanges(cidr)]) {
      const { prefix } = each;
      const address = maskedNetwork(each).toString();
      all.set(`${address}/${prefix}`, { address, prefix });
    }
  }
  return [...all.values()];
}

function aliasRanges(cidr: Cidr): Cidr[] {
  const held = ipv4Of(cidr);
  const ipv4 = held.some((range) => contains(range, loopback.ipv4)) ? [...held, unspecified.ipv4] : held;
  const ipv6 = contains(cidr, loopback.ipv6) ? [unspecified.ipv6] : [];
  return [...ipv4, ...ipv4.flatMap(embeddedRanges), ...ipv6];
}

/** Returns the IPv4 addresses in a range. An IPv6 range has some if it overlaps the IPv4-mapped addresses. */
function ipv4Of(cidr: Cidr): Cidr[] {
  const { network, prefix } = cidr;
  if (network instanceof ipaddr.IPv4) return [cidr];
  if (prefix >= 96)
    return network.isIPv4MappedAddress() ? [{ network: network.toIPv4Address(), prefix: prefix - 96 }] : [];
  return ipaddr.IPv6.parse('::ffff:0:0').match(network, prefix)
    ? [{ network: ipaddr.IPv4.parse('0.0.0.0'), prefix: 0 }]
    : [];
}

/** Returns the ranges of IPv6 addresses that embed an address of the IPv4 range. */
function embeddedRanges({ network, prefix }: Cidr): Cidr[] {
  const contiguous = embeddings.filter(
    ({ prefix: lead, at, inverted }) => at[0] === lead.length && !lead.includes(-1) && !inverted,
  );
  return contiguous.map(({ prefix: lead }) => {
    const bytes = [...lead, ...network.toByteArray()];
    return {
      network: new ipaddr.IPv6([...bytes, ...zeros(16 - bytes.length)]),
      prefix: lead.length * 8 + prefix,
    };
  });
}

interface ListedRange {
  text: string;
  cidr: Cidr;
}

/** The parsed form of lists. Every endpoint of a write is compared with the list of a fleet. */
const lists = new WeakMap<readonly string[], readonly ListedRange[]>();

function parsed(cidrs: readonly string[]): readonly ListedRange[] {
  let list = lists.get(cidrs);
  if (!list) {
    list = cidrs.flatMap((text) => {
      const cidr = parseCidr(text);
      return cidr ? [{ text, cidr }] : [];
    });
    lists.set(cidrs, list);
  }
  return list;
}

function contains({ network, prefix }: Cidr, address: IpAddress): boolean {
  // An IPv6 range may contain IPv4-mapped addresses.
  if (network.kind() === 'ipv6' && address instanceof ipaddr.IPv4)
    return address.toIPv4MappedAddress().match(network as ipaddr.IPv6, prefix);
  return network.kind() === address.kind() && address.match(network, prefix);
}

/** Returns other addresses at which a connection to this address may end. */
function aliases(address: IpAddress): IpAddress[] {
  const inner = address instanceof ipaddr.IPv6 ? embedded(address.toByteArray()) : [];
  const local = [address, ...inner].flatMap((each) => (each.range() === 'unspecified' ? [loopback[each.kind()]] : []));
  return [...inner, ...local];
}

const loopback = { ipv4: ipaddr.IPv4.parse('127.0.0.1'), ipv6: ipaddr.IPv6.parse('::1') };

/**
 * Linux connects to the loopback address instead of 0.0.0.0 and `::`. The rest of 0.0.0.0/8 is treated alike, because
 * no address in it is a valid destination (RFC 6890 §2.2.2).
 */
const unspecified = {
  ipv4: { network: ipaddr.IPv4.parse('0.0.0.0'), prefix: 8 },
  ipv6: { network: ipaddr.IPv6.parse('::'), prefix: 128 },
};

/** The IPv4 addresses embedded in an IPv6 address. */
function embedded(bytes: number[]): ipaddr.IPv4[] {
  return embeddings
    .filter(({ prefix }) => prefix.every((byte, index) => byte === -1 || byte === bytes[index]))
    .map(({ at, inverted }) => new ipaddr.IPv4(at.map((index) => bytes[index]! ^ (inverted ? 0xff : 0))));
}

const last = [12, 13, 14, 15];
const zeros = (count: number): number[] => Array<number>(count).fill(0);
const any = (count: number): number[] => Array<number>(count).fill(-1);

/** How IPv6 addresses embed IPv4 addresses. -1 in a prefix means any byte. `at` are the indices of the IPv4 bytes. */
const embeddings: readonly { prefix: number[]; at: number[]; inverted?: boolean }[] = [
  // IPv4-mapped and the deprecated IPv4-compatible: RFC 4291 §2.5.5. Translated: RFC 2765 §2.1.
  { prefix: [...zeros(10), 0xff, 0xff], at: last },
  { prefix: zeros(12), at: last },
  { prefix: [...zeros(8), 0xff, 0xff, 0, 0], at: last },
  // NAT64: the well-known prefix (RFC 6052 §2.1), and the one for local use (RFC 8215) as a /96, /64, /56 and /48 of it
  // (RFC 6052 §2.2).
  { prefix: [0, 0x64, 0xff, 0x9b, ...zeros(8)], at: last },
  { prefix: [0, 0x64, 0xff, 0x9b, 0, 1], at: last },
  { prefix: [0, 0x64, 0xff, 0x9b, 0, 1], at: [9, 10, 11, 12] },
  { prefix: [0, 0x64, 0xff, 0x9b, 0, 1], at: [7, 9, 10, 11] },
  { prefix: [0, 0x64, 0xff, 0x9b, 0, 1], at: [6, 7, 9, 10] },
  // 6to4: RFC 3056 §2. Teredo, whose last bytes are inverted: RFC 4380 §4. ISATAP: RFC 5214 §6.1.
  { prefix: [0x20, 0x02], at: [2, 3, 4, 5] },
  { prefix: [0x20, 0x01, 0, 0], at: last, inverted: true },
  { prefix: [...any(8), 0, 0, 0x5e, 0xfe], at: last },
  { prefix: [...any(8), 2, 0, 0x5e, 0xfe], at: last },
];
