/**
 * Translates ranges of client addresses into a condition on the text of an address. Envoy has no condition of a route
 * on the address of the client, but it writes the address into a header before it looks for a route. `explain` and
 * Envoy's routes share this code.
 */
import ipaddr from 'ipaddr.js';
import { type Cidr, parseCidr } from './cidr.ts';

/** Matches every group of an IPv6 address. */
const ANY_GROUP = '[0-9a-f]{1,4}';
const GROUPS = 8;

/**
 * Returns an RE2 pattern for the addresses in at least one of these ranges. It is only correct for addresses as
 * `inet_ntop` writes them, which is how Envoy writes them. An IPv6 range contains no IPv4 addresses, except ranges of
 * IPv4-mapped addresses: Envoy writes such an address as IPv4.
 *
 * @param cidrs ranges and addresses, as {@link parseCidr} reads them
 * @example sourcePattern(['10.0.0.0/8', 'fd00::/8']) // '10\.[0-9.]+|fd[0-9a-f]{2}:[0-9a-f:.]*'
 */
export function sourcePattern(cidrs: readonly string[]): string {
  const alternatives = new Set<string>();
  for (const text of cidrs) {
    const cidr = parseCidr(text);
    if (cidr) for (const each of patternsFor(cidr)) alternatives.add(each);
  }
  return [...alternatives].join('|');
}

function patternsFor({ network, prefix }: Cidr): string[] {
  if (network instanceof ipaddr.IPv4) return [ipv4Pattern(network.octets, prefix)];
  if (prefix >= 96 && network.isIPv4MappedAddress()) return [ipv4Pattern(network.toIPv4Address().octets, prefix - 96)];
  const groups = ipaddr.IPv6.networkAddressFromCIDR(`${network}/${prefix}`).parts;
  const patterns = ipv6Patterns(groups, prefix);
  // Of these addresses, all but a few are written with dots.
  if (prefix > 96 && groups.slice(0, 6).every((group) => group === 0))
    patterns.push(`::${ipv4Pattern(network.toByteArray().slice(12), prefix - 96)}`);
  return patterns;
}

function ipv4Pattern(octets: readonly number[], prefix: number): string {
  const fixed = Math.floor(prefix / 8);
  const parts = octets.slice(0, fixed).map(String);
  const free = 8 - (prefix % 8);
  if (free < 8) {
    const low = (octets[fixed]! >> free) << free;
    parts.push(decimals(low, low + 2 ** free - 1));
  }
  // An address has nothing but digits and dots, so nothing else needs to be counted.
  return parts.length === 4 ? parts.join('\\.') : [...parts, '[0-9.]+'].join('\\.');
}

/** Returns a pattern for the decimal numbers of a range, such as `(?:9[6-9]|1[01][0-9]|12[0-7])`. */
function decimals(low: number, high: number): string {
  const pieces: string[] = [];
  for (let tens = Math.floor(low / 10); tens <= Math.floor(high / 10); tens++) {
    const first = Math.max(low - tens * 10, 0);
    const last = Math.min(high - tens * 10, 9);
    pieces.push(`${tens === 0 ? '' : tens}${oneOf(first, last)}`);
  }
  return pieces.length === 1 ? pieces[0]! : `(?:${pieces.join('|')})`;
}

const oneOf = (first: number, last: number): string => (first === last ? digit(first) : `[${ranges(first, last)}]`);
const digit = (value: number): string => value.toString(16);
const ranges = (first: number, last: number): string =>
  last <= 9 || first >= 10
    ? `${digit(first)}-${digit(last)}`
    : `${ranges(first, 9)}${last === 10 ? 'a' : ranges(10, last)}`;

/**
 * Returns one pattern per position of `::`, of which an address has at most one: the longest run of at least two zero
 * groups.
 *
 * @param groups the eight groups of the first address of the range
 */
function ipv6Patterns(groups: readonly number[], prefix: number): string[] {
  const constrained = Math.ceil(prefix / 16);
  const group = (index: number): string =>
    index < constrained ? groupPattern(groups[index]!, Math.min(16, prefix - index * 16)) : ANY_GROUP;
  const join = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => group(from + index)).join(':');
  // Only `::` may begin an address, and addresses without constraints are all addresses with a colon.
  if (constrained === 0) return ['[0-9a-f:.]*:[0-9a-f:.]*'];
  const patterns = [constrained === GROUPS ? join(0, GROUPS) : `${join(0, constrained)}:[0-9a-f:.]*`];
  const mayBeZero = (index: number) => index >= constrained || groups[index] === 0;
  const isZero = (index: number) => (index + 1) * 16 <= prefix && groups[index] === 0;
  for (let start = 0; start < constrained && start <= GROUPS - 2; start++) {
    // The longest run does not begin after another zero.
    if (start > 0 && isZero(start - 1)) continue;
    const lead = `${join(0, start)}::`;
    let end = start;
    while (end < constrained && mayBeZero(end)) {
      end++;
      if (end < start + 2 || end >= constrained || isZero(end)) continue;
      patterns.push(lead + join(end, GROUPS));
    }
    if (end < constrained) continue;
    const most = GROUPS - Math.max(constrained, start + 2);
    const more = most > 1 ? `(?:${ANY_GROUP}(?::${ANY_GROUP}){0,${most - 1}})?` : most === 1 ? `(?:${ANY_GROUP})?` : '';
    patterns.push(lead + more);
    // An IPv4 address in the last groups is written with dots.
    if (start === 0 && constrained <= 6) patterns.push(`::${constrained <= 5 ? '(?:ffff:)?' : ''}[0-9.]+\\.[0-9.]+`);
  }
  return patterns;
}

/** Returns a pattern for a group whose first bits are fixed. */
function groupPattern(value: number, bits: number): string {
  const free = 16 - bits;
  const nibbles = Math.floor(free / 4);
  const partial = free % 4;
  const low = (value >> free) << free;
  const rest = nibbles === 0 ? '' : nibbles === 1 ? '[0-9a-f]' : `[0-9a-f]{${nibbles}}`;
  if (low === 0) {
    // Leading zeros are not written.
    const top = partial === 0 ? '' : oneOf(0, 2 ** partial - 1);
    if (nibbles === 0) return partial === 0 ? '0' : top;
    return `${top && `${top}?`}[0-9a-f]{1,${nibbles}}`;
  }
  const lead = (low >> (4 * nibbles + partial)) >> (partial === 0 ? 0 : 4 - partial);
  if (partial === 0) return (low >> (4 * nibbles)).toString(16) + rest;
  const nibble = (low >> (4 * nibbles)) & 15;
  return (lead === 0 ? '' : lead.toString(16)) + oneOf(nibble, nibble + 2 ** partial - 1) + rest;
}
