import { addressKind } from './address.ts';

/** The first of the CIDRs (or single addresses) that holds an IP address. Names and malformed CIDRs hold nothing. */
export function holder(address: string, cidrs: readonly string[]): string | undefined {
  const bits = toBits(address);
  return bits === undefined ? undefined : cidrs.find((cidr) => holds(cidr, bits));
}

/** IPv4 as IPv4-mapped IPv6, so that `::ffff:127.0.0.1` does not slip past `127.0.0.0/8`. */
const MAPPED = 0xffffn << 32n;

function holds(cidr: string, bits: bigint): boolean {
  const [network = '', length] = cidr.split('/');
  const base = toBits(network);
  if (base === undefined) return false;
  const width = addressKind(network) === 'ipv4' ? 32 : 128;
  const prefix = length === undefined ? width : Number(length);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > width) return false;
  const host = BigInt(width - prefix);
  return base >> host === bits >> host;
}

function toBits(address: string): bigint | undefined {
  const kind = addressKind(address);
  if (kind === 'ipv4') return MAPPED | ipv4Bits(address);
  return kind === 'ipv6' ? ipv6Bits(address) : undefined;
}

const ipv4Bits = (address: string): bigint =>
  address.split('.').reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n);

function ipv6Bits(address: string): bigint {
  const hex = address.replace(/[\d.]+$/, (tail) => {
    if (!tail.includes('.')) return tail;
    const bits = ipv4Bits(tail);
    return `${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const fill = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...Array<string>(fill).fill('0'), ...groups(tail)].reduce(
    (bits, group) => (bits << 16n) | BigInt(`0x${group}`),
    0n,
  );
}
