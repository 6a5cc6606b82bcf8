import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressKind } from '../../model/values/address.ts';
import { CidrText, parseCidr, rangeContaining } from '../../model/values/cidr.ts';

describe('an address', () => {
  test.each([
    ['10.0.0.1', 'ipv4'],
    ['2001:DB8::1', 'ipv6'],
    ['::ffff:10.0.0.1', 'ipv6'],
    ['::', 'ipv6'],
    ['1:2:3:4:5:6:7::', 'ipv6'],
    ['reviews.default.svc.', 'dns'],
    ['_srv.example', 'dns'],
    ['1and1.com', 'dns'],
    ['0xa.example', 'dns'],
  ])('%s is %s', (text, kind) => expect(addressKind(text)).toBe(kind));

  test.each([
    '127.0.0.01',
    '0127.0.0.1',
    '0x7f.0.0.1',
    '0x7f000001',
    '0X7F',
    '127.1',
    '127.0.1',
    '2130706433',
    '10.0.0.300',
    '127.0.0.1.',
    '127.0.0.1 ',
    '１２７.0.0.1',
    '1.2.3.4::',
    '1.2.3.4::1',
    '::1.2.3.04',
    '::ffff:1.2.3',
    '::ffff:1.2.3.4.',
    '1::2::3',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'fe80::1%eth0',
    '[::1]',
    '::1/128',
    '',
    '.',
    'a..b',
  ])('%j is not an address', (text) => expect(addressKind(text)).toBeUndefined());

  test('is an IP address if and only if inet_pton accepts it', () => {
    const part = fc.constantFrom(':', '::', '.', '0', '1', '01', '255', '256', 'ffff', '10000', 'a', 'G', '0x1', '%');
    const text = fc.oneof(
      fc.array(part, { maxLength: 18 }).map((parts) => parts.join('')),
      fc.ipV4(),
      fc.ipV6(),
    );
    fc.assert(
      fc.property(text, (address) => {
        const kind = addressKind(address);
        expect([kind === 'ipv4', kind === 'ipv6']).toEqual([
          isIPv4(address),
          isIPv6(address) && !address.includes('%'),
        ]);
      }),
      { numRuns: 20_000, seed: 1 },
    );
  });
});

describe('a range', () => {
  test.each(['10.0.0.0/8', '0.0.0.0/0', '10.1.2.3/8', '10.0.0.1', '::/0', '::1', 'fd00::/8', '::ffff:10.0.0.0/104'])(
    '%s',
    (text) => expect(CidrText.safeParse(text).success).toBe(true),
  );

  test.each([
    '10.0.0.0/33',
    '999.1.1.1',
    '10/8',
    '10.0.0/8',
    '010.0.0.0/8',
    '10.0.0.0/08',
    '10.0.0.0/+8',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '::/129',
    '1.2.3.4::/16',
    'localhost',
    '',
  ])('%j is not a range', (text) => {
    expect(parseCidr(text)).toBeUndefined();
    expect(CidrText.safeParse(text).error?.issues).toHaveLength(1);
  });
});

describe('a deny list', () => {
  test.each([
    ['127.0.0.1', '127.0.0.0/8'],
    ['::ffff:127.0.0.1', '127.0.0.0/8'],
    ['::FFFF:7F00:1', '127.0.0.0/8'],
    ['0:0:0:0:0:ffff:127.0.0.1', '127.0.0.0/8'],
    ['::127.0.0.1', '127.0.0.0/8'],
    ['::ffff:0:127.0.0.1', '127.0.0.0/8'],
    ['64:ff9b::127.0.0.1', '127.0.0.0/8'],
    ['64:ff9b:1::127.0.0.1', '127.0.0.0/8'],
    ['64:ff9b:1:7f00:0:100::', '127.0.0.0/8'],
    ['2002:7f00:1::', '127.0.0.0/8'],
    ['2001:0:1:2:3:4:80ff:fffe', '127.0.0.0/8'],
    ['fd00::5efe:127.0.0.1', '127.0.0.0/8'],
    ['0.0.0.0', '127.0.0.0/8'],
    ['::ffff:0.0.0.0', '127.0.0.0/8'],
    ['::', '::1'],
    ['127.0.0.1', '::ffff:127.0.0.0/104'],
    ['127.0.0.1', '::/0'],
    ['fe80::1', 'fe80::/10'],
    ['10.0.0.1', '10.0.0.1'],
    ['172.31.255.255', '172.16.0.0/12'],
  ])('%s is in %s', (address, range) => expect(rangeContaining(address, ['192.0.2.0/24', range])).toBe(range));

  test.each([
    ['126.255.255.255', '127.0.0.0/8'],
    ['128.0.0.0', '127.0.0.0/8'],
    ['::ffff:128.0.0.1', '127.0.0.0/8'],
    ['2001:db8::7f00:1', '127.0.0.0/8'],
    ['64:ff9b::a00:1', '127.0.0.0/8'],
    ['fec0::1', 'fe80::/10'],
    ['example.com', '0.0.0.0/0'],
    ['127.0.0.1', '10.0.0.0/33'],
  ])('%s is not in %s', (address, range) => expect(rangeContaining(address, [range])).toBeUndefined());
});
