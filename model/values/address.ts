import ipaddr from 'ipaddr.js';

export type AddressKind = 'ipv4' | 'ipv6' | 'dns';
export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

const dnsName =
  /^(?=.{1,253}\.?$)[A-Za-z0-9_](?:[-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?)*\.?$/;

/**
 * The type of an endpoint's address; undefined when it is invalid. A name whose last label is a decimal or hexadecimal
 * number is not a name (https://url.spec.whatwg.org/#ends-in-a-number-checker): `10.0.0.300` is a mistyped address, and
 * resolvers read `0x7f000001` as one.
 */
export function addressKind(address: string): AddressKind | undefined {
  if (isIpv4(address)) return 'ipv4';
  if (address.includes(':')) return parseIp(address) && 'ipv6';
  if (/(?:^|\.)(?:\d+|0[xX][0-9A-Fa-f]*)\.?$/.test(address)) return undefined;
  return dnsName.test(address) ? 'dns' : undefined;
}

/**
 * An IP address as `inet_pton` takes it, which is how Envoy reads one: four decimal numbers without leading zeros, or
 * IPv6 without brackets and zone. ipaddr.js alone also takes octal, hexadecimal and shortened IPv4, and IPv4 in front
 * of colons.
 */
export function parseIp(text: string): IpAddress | undefined {
  if (text.length > MAX_TEXT) return undefined;
  if (isIpv4(text)) return ipaddr.IPv4.parse(text);
  const groups = text.replace(/(?<=:)[\d.]+$/, (tail) => (isIpv4(tail) ? hexGroups(tail) : tail));
  return /^[0-9A-Fa-f:]+$/.test(groups) && ipaddr.IPv6.isValid(groups) ? ipaddr.IPv6.parse(groups) : undefined;
}

/** `0000:0000:0000:0000:0000:ffff:255.255.255.255` */
const MAX_TEXT = 45;

const fourDecimals = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;

const isIpv4 = (text: string): boolean => fourDecimals.test(text) && ipaddr.IPv4.isValid(text);

function hexGroups(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(ipv4).octets;
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
