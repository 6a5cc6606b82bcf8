/** Values for every kind of text: usual ones, and ones that the API or Envoy may reject. */
import type { Random } from './random.ts';

const plain = ['a', 'b', 'v1', 'reviews', 'x-y', 'A', '0', '42', 'foo.bar', 'jason'];
// biome-ignore format: one line each would be a page
const odd = [
  ' ', '%', '%%', '%REQ(host)%', '%41', '%2F', '%zz', '\t', '\r', '\n', '\r\n', '\0', '\x01', '\x1f', '\x7f', '\x80', '\xa0', '\xad',
  'é', 'ß', '日本', '😀', '\ud800', '\udfff', '\ufeff', '\u2028', 'İ', 'K', ';', ',', ':', '"', "'", '\\', '\\1', '\\\\', '{', '}', '<', '>',
  '?', '#', '/', '//', '/../', '/./', '*', '@', '&', '=', '+', '~', '|', '^', '`', '[', ']', '(', ')', '$', '!', '-', '.', '_',
  '__proto__', 'constructor', 'toString', 'valueOf', 'null', '-0', '1e999', '\u0300', '\u200d', '\u202e',
];

export function text(random: Random, length = 6): string {
  if (random.chance(3)) return random.pick([...plain, ...odd]).repeat(1 + random.below(1500));
  return random.some(0, length, () => random.pick(random.chance(70) ? plain : odd)).join('');
}

export function path(random: Random): string {
  if (random.chance(10))
    return random.pick([
      '/',
      '//',
      '/.',
      '/..',
      '/a/',
      '/%61',
      '/é',
      '/日本/',
      '/?',
      '/#',
      '',
      'a',
      '*',
      '/:',
      '/a//b',
      '/a;b=c',
    ]);
  return `/${random.some(0, 4, () => (random.chance(80) ? random.pick(plain) : text(random, 3))).join('/')}`;
}

// biome-ignore format: one line each would be a page
const headers = [
  'x-a', 'X-B', 'end-user', 'content-type', 'server', 'date', 'cookie', 'authorization', 'accept', 'x-forwarded-for', 'x-request-id', 'grpc-timeout',
  'host', ':path', ':authority', 'connection', 'te', 'content-length', 'x-envoy-retry-on', 'x-scope', 'x-gatehouse-probe', 'a b', 'a:b', 'é', '',
  'a_b', '-', '_', '.', '!#$%&', '__proto__', '__PROTO__', 'constructor', 'hasOwnProperty', 'x'.repeat(256), 'x'.repeat(257), 'a\nb', 'a\0', 'location', 'transfer-encoding', 'upgrade',
];

export const headerName = (random: Random): string => (random.chance(90) ? random.pick(headers) : text(random, 2));

export function duration(random: Random): string {
  const units = ['ms', 's', 'm', 'h'];
  if (random.chance(20))
    return random.pick([
      '0s',
      '0ms',
      '0.4ms',
      '0.5ms',
      '0.001ms',
      '1ms',
      '0.001s',
      '24h',
      '24h0.001ms',
      '999999999h',
      '5',
      '',
      '-1s',
      '1d',
      '0.0s',
      '1e3s',
    ]);
  const part = () => `${random.below(60)}${random.chance(20) ? `.${random.below(999)}` : ''}${random.pick(units)}`;
  return random.some(1, 2, part).join('');
}

export function address(random: Random): string {
  if (random.chance(40)) return `10.${random.below(256)}.${random.below(256)}.${random.below(256)}`;
  if (random.chance(20)) return `host-${random.below(9)}.invalid`;
  // biome-ignore format: one line each would be a page
  return random.pick([
    '127.0.0.01', '0x7f.0.0.1', '127.1', '1.2.3.4::', '::', '::1', '::ffff:10.0.0.1', '::1.2.3.4', '1:2:3:4:5:6:7::', '2001:DB8::A', '2001:db8::00001', 'fe80::1%lo',
    '[::1]', '0.0.0.0', '255.255.255.255', '256.0.0.1', '1.2.3', '1.2.3.4.', 'a.invalid.', '_a.invalid', 'a_b.invalid', 'xn--bcher-kva.invalid', 'bücher.invalid',
    'a..invalid', '-a.invalid', '0xabc', '0xabc.invalid', `${'a'.repeat(63)}.invalid`, `${'a.'.repeat(120)}invalid`, '64:ff9b::1.2.3.4', 'localhost', '', ' ',
  ]);
}

export function host(random: Random): string {
  if (random.chance(60)) return `${random.pick(['', '*.', 'a.', 'a.b.'])}h${random.below(99)}.test`;
  // biome-ignore format: one line each would be a page
  return random.pick([
    '*', '*.test', 'A.Test', 'a.test.', 'a.test:80', '_a.test', 'a_b.test', '-a.test', 'a-.test', 'é.test', 'xn--9ca.test', '127.0.0.1', '10', '*.', '', 'a b.test',
    '*a.test', 'a.*.test', `${'a'.repeat(63)}.test`, `${'a'.repeat(64)}.test`, `${'a.'.repeat(124)}test`, 'a..test', 'a.test\0', '80|a.test', '[::1]',
  ]);
}

export const weight = (random: Random): unknown =>
  random.chance(80)
    ? random.below(100)
    : random.pick([0, 0, 1, 1_000_000, 1_000_001, -1, 0.5, 4_294_967_295, '5', null]);
