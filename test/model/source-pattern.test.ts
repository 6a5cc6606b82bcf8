/** The pattern for ranges of addresses matches exactly the addresses in them, in the form in which Envoy writes them. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { refusedByRe2 } from '../../model/regex/regex.ts';
import { sourcePattern } from '../../model/values/source-pattern.ts';

const matches = (cidr: string, address: string) => new RegExp(`^(?:${sourcePattern([cidr])})$`).test(address);

test.each([
  ['10.0.0.0/8', ['10.0.0.1', '10.255.255.255'], ['11.0.0.1', '110.0.0.1', '1.10.0.1']],
  ['192.168.96.0/19', ['192.168.96.0', '192.168.127.9', '192.168.100.1'], ['192.168.95.255', '192.168.128.0']],
  ['192.0.2.7', ['192.0.2.7'], ['192.0.2.70', '192.0.2.8']],
  ['0.0.0.0/0', ['1.2.3.4'], ['::1']],
  ['::/0', ['::', '::1', '2001:db8::1', '::1.2.3.4'], ['1.2.3.4']],
  ['::1', ['::1'], ['::', '::2', '1::1']],
  [
    '2001:db8::/32',
    ['2001:db8::', '2001:db8::1', '2001:db8:1::', '2001:db8:1:2:3:4:5:6'],
    ['2001:db80::', '2001::db8'],
  ],
  ['2001:db8:0:1::/64', ['2001:db8:0:1::9', '2001:db8:0:1:2:3:4:5'], ['2001:db8::1:2:3:4', '2001:db8::1']],
  ['2001::/48', ['2001::', '2001::1', '2001:0:0:1::', '2001::1:2:3:4:5'], ['2001:0:1::', '2001::1:0:0:0:0:0']],
  ['::ffff:10.0.0.0/104', ['10.1.2.3'], ['11.1.2.3']],
  ['::/96', ['::1.2.3.4', '::1'], ['::ffff:1.2.3.4', '1.2.3.4']],
])('%s', (cidr, inside, outside) => {
  expect(inside.filter((address) => !matches(cidr, address))).toEqual([]);
  expect(outside.filter((address) => matches(cidr, address))).toEqual([]);
  expect(refusedByRe2(sourcePattern([cidr]))).toBeUndefined();
});

test('generated ranges and addresses, written by inet_ntop', () => {
  const group = fc.oneof({ arbitrary: fc.constantFrom(0, 0, 0, 1, 0xffff), weight: 3 }, fc.nat(0xffff));
  const pair = fc.record({
    groups: fc.array(group, { minLength: 8, maxLength: 8 }),
    // Addresses far away from the range would show nothing.
    flips: fc.array(fc.nat(127), { maxLength: 3 }),
    prefix: fc.nat(128),
    isIpv4: fc.boolean(),
  });
  const cases = fc.sample(pair, { numRuns: 20_000, seed: 5 }).map(({ groups, flips, prefix, isIpv4 }) => {
    const all = new ipaddr.IPv6(groups).toByteArray();
    const bytes = isIpv4 ? all.slice(0, 4) : all;
    const network = ipaddr.fromByteArray(bytes);
    for (const flip of flips) if (flip < bytes.length * 8) bytes[flip >> 3]! ^= 1 << (7 - (flip & 7));
    const address = ipaddr.fromByteArray(bytes);
    return { network, address, prefix: isIpv4 ? prefix % 33 : prefix };
  });
  const texts = writtenByInetNtop(cases.map(({ address }) => Buffer.from(address.toByteArray()).toString('hex')));
  const wrong = cases.flatMap(({ network, address, prefix }, index) => {
    const cidr = `${network}/${prefix}`;
    if (network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress()) return [];
    const expected = (address as ipaddr.IPv6).match(network as ipaddr.IPv6, prefix);
    return matches(cidr, texts[index]!) === expected ? [] : [{ cidr, address: texts[index], expected }];
  });
  expect(wrong.slice(0, 5)).toEqual([]);
});

/** Envoy writes addresses with this function of the C library. */
function writtenByInetNtop(hexes: string[]): string[] {
  const script =
    'import socket,sys\nfor l in sys.stdin:\n b=bytes.fromhex(l);print(socket.inet_ntop(socket.AF_INET if len(b)==4 else socket.AF_INET6,b))';
  const { stdout, error } = spawnSync('python3', ['-c', script], { input: hexes.join('\n'), encoding: 'utf8' });
  if (error) throw error;
  return stdout.trim().split('\n');
}
