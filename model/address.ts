const octet = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);
const dnsName =
  /^(?=.{1,253}\.?$)[A-Za-z0-9_](?:[-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?)*\.?$/;

export type AddressKind = 'ipv4' | 'ipv6' | 'dns';

/** What an endpoint's address is; undefined when it is none. Names that end in a number are no names: `10.0.0.300` is a mistyped address. */
export function addressKind(address: string): AddressKind | undefined {
  if (ipv4.test(address)) return 'ipv4';
  if (address.includes(':')) return isIpv6(address) ? 'ipv6' : undefined;
  if (/(?:^|\.)\d+\.?$/.test(address)) return undefined;
  return dnsName.test(address) ? 'dns' : undefined;
}

function isIpv6(address: string): boolean {
  const [head = '', tail, ...more] = address.split('::');
  if (more.length > 0) return false;
  const groups = [...head.split(':'), ...(tail ?? '').split(':')].filter((group) => group !== '');
  const last = groups.at(-1) ?? '';
  const embedded = ipv4.test(last);
  const hex = embedded ? groups.slice(0, -1) : groups;
  const count = hex.length + (embedded ? 2 : 0);
  const emptyInside = [head, tail ?? ''].some((part) => part !== '' && part.split(':').includes(''));
  return (
    hex.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group)) &&
    !emptyInside &&
    (tail === undefined ? count === 8 : count < 8)
  );
}
