import ipaddr from 'ipaddr.js';

/** The type of an endpoint's address: an IP address, or a DNS name. */
export type AddressKind = 'ipv4' | 'ipv6' | 'dns';
/** An address as ipaddr.js parses it. */
export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

const dnsName =
  /^(?=.{1,253}\.?$)[A-Za-z0-9_](?:[-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?)*\.?$/;

/**
 * Returns the type of an endpoint's address; undefined when the address is invalid. A text whose last label is a
 * decimal or hexadecimal number is not a DNS name (https://url.spec.whatwg.org/#ends-in-a-number-checker): `10.0.0.300`
 * is a mistyped IP address, and resolvers read `0x7f000001` as an IP address.
 */
export function addressKind(address: string): AddressKind | undefined {
  if (isIpv4(address)) return 'ipv4';
  if (address.includes(':')) return parseIp(address) && 'ipv6';
  if (/(?:^|\.)(?:\d+|0[xX][0-9A-Fa-f]*)\.?$/.test(address)) return undefined;
  return dnsName.test(address) ? 'dns' : undefined;
}

/** Says how an endpoint is written whose address has something besides an IP address or a DNS name. */
export function addressHint(text: string): string | undefined {
  const [, host = '', port] =
    /^(?:[a-z][a-z0-9+.-]*:\/\/)?(\[[^\]]*\]|[^:/]*)(?::(\d{1,5}))?(?:\/.*)?$/i.exec(text) ?? [];
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (addressKind(address) === undefined) return undefined;
  return `write ${JSON.stringify(address)}${port === undefined ? '' : `, and ${port} in \`port\``}`;
}

/**
 * Parses an IP address as `inet_pton` does, because Envoy uses `inet_pton`: four decimal numbers without leading zeros,
 * or IPv6 without brackets and without a zone. ipaddr.js alone also accepts octal, hexadecimal and shortened IPv4, and
 * IPv4 in front of colons.
 *
 * @returns undefined when the text is not an IP address of this form
 */
export function parseIp(text: string): IpAddress | undefined {
  if (text.length > MAX_TEXT) return undefined;
  if (isIpv4(text)) return ipaddr.IPv4.parse(text);
  const [, groups = text, ipv4] = /^(.*:)([\d.]*\.[\d.]*)$/.exec(text) ?? [];
  const isStrict = /^[0-9A-Fa-f:]+$/.test(groups) && (ipv4 === undefined || isIpv4(ipv4));
  return isStrict && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}

/** The length of `0000:0000:0000:0000:0000:ffff:255.255.255.255`, the longest text of an IP address. */
const MAX_TEXT = 45;

const isIpv4 = (text: string): boolean => ipaddr.IPv4.isValidFourPartDecimal(text);
