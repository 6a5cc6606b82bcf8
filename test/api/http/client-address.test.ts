/** The client of a request behind proxies: what the proxies report, and never what the client claims. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientAddress, networksOf } from '../../../api/http/client-address.ts';
import { readSettings } from '../../../api/settings.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness } from '../harness.ts';
import { mailbox, PASSWORD, person } from '../people/mailbox.ts';

const settings = (trusted: string, header = 'x-forwarded-for') =>
  readSettings({ GATEHOUSE_TRUSTED_PROXIES: trusted, GATEHOUSE_CLIENT_HEADER: header });
const client = (peer: string, trusted: string, headers: Record<string, string>, header?: string) =>
  clientAddress(peer, () => new Headers(headers), settings(trusted, header));

describe('X-Forwarded-For', () => {
  const of = (value: string, peer = '10.0.0.1', trusted = '10.0.0.0/8, fd00::/8') =>
    client(peer, trusted, { 'x-forwarded-for': value });

  test.for([
    // [the header, the client]
    ['203.0.113.7', '203.0.113.7'],
    ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['127.0.0.1, 203.0.113.7, 10.0.0.2,10.0.0.3', '203.0.113.7'],
    ['10.0.0.9, 10.0.0.2', '10.0.0.9'],
    ['203.0.113.7:4711', '203.0.113.7'],
    ['[2001:db8::7]:4711', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['203.0.113.7, ::ffff:10.0.0.2', '203.0.113.7'],
    // A proxy that does not know its client, or a client that writes nonsense in front of a proxy.
    ['203.0.113.7, unknown', '10.0.0.1'],
    ['203.0.113.7, unknown, 10.0.0.2', '10.0.0.2'],
    ['203.0.113.7, 10.0.0.300', '10.0.0.1'],
    ['203.0.113.7, 012.0.0.1', '10.0.0.1'],
    ['203.0.113.7,', '10.0.0.1'],
    [`203.0.113.7, ${':'.repeat(10_000)}]`, '10.0.0.1'],
    ['', '10.0.0.1'],
  ] as const)('%s', ([header, expected]) => {
    expect(of(header)).toBe(expected);
    expect(of(header, '::ffff:10.0.0.1')).toBe(expected);
  });

  test('of a peer that is no trusted proxy means nothing', () => {
    for (const peer of ['203.0.113.9', '11.0.0.1', '::ffff:203.0.113.9', '2001:db8::9', ''])
      expect(of('198.51.100.1', peer)).toBe(peer.replace('::ffff:', ''));
    expect(of('198.51.100.1', '10.0.0.1', '')).toBe('10.0.0.1');
    // An IPv6 address that merely contains a trusted address is not that address.
    expect(of('198.51.100.1', '64:ff9b::a00:1')).toBe('64:ff9b::a00:1');
  });

  test('other headers mean nothing beside it', () => {
    const spoofed = { forwarded: 'for=198.51.100.1', 'x-real-ip': '198.51.100.1', 'cf-connecting-ip': '198.51.100.1' };
    expect(client('10.0.0.1', '10.0.0.0/8', spoofed)).toBe('10.0.0.1');
    expect(client('10.0.0.1', '10.0.0.0/8', { ...spoofed, 'x-forwarded-for': '203.0.113.7' })).toBe('203.0.113.7');
  });
});

test.for([
  ['for=203.0.113.7', '203.0.113.7'],
  ['For="203.0.113.7:80";proto=https;by=10.0.0.1', '203.0.113.7'],
  ['for=198.51.100.1, proto=http ; for="[2001:db8::7]:4711"', '2001:db8::7'],
  ['for=203.0.113.7, for=10.0.0.2', '203.0.113.7'],
  // An open quote of a client does not hide what the proxy adds.
  ['for="198.51.100.1, for=203.0.113.7', '203.0.113.7'],
  ['for=unknown', '10.0.0.1'],
  ['for=_hidden', '10.0.0.1'],
  ['for=198.51.100.1;for=203.0.113.7', '10.0.0.1'],
  ['by=203.0.113.7', '10.0.0.1'],
] as const)('Forwarded: %s', ([header, expected]) => {
  const headers = { forwarded: header, 'x-forwarded-for': '198.51.100.99' };
  expect(client('10.0.0.1', '10.0.0.0/8', headers, 'forwarded')).toBe(expected);
});

test.for([
  // [one client, another one, the networks in which both are]
  ['2001:db8:1:2:3::4', '2001:db8:1:2:ffff::1', [64, 56, 48]],
  ['2001:db8:1:2::1', '2001:db8:1:ff::1', [56, 48]],
  ['2001:db8:1:2::1', '2001:db8:1:100::1', [48]],
  ['2001:db8:1:2::1', '2001:db8:2:2::1', []],
] as const)('the clients %s and %s count together in the networks %j', ([one, other, lengths]) => {
  const names = networksOf(other).map(({ name }) => name);
  const shared = networksOf(one).filter(({ name }) => names.includes(name));
  expect(shared.map(({ name }) => Number(name.split('/')[1]))).toEqual(lengths);
});

test('the larger networks of IPv6 have larger limits, and other clients count by their address', () => {
  expect(networksOf('2001:db8:1:2::1').map(({ share }) => share)).toEqual([1, 2, 4]);
  expect(networksOf('::ffff:203.0.113.7')).toEqual([{ name: '203.0.113.7', share: 1 }]);
  expect(networksOf('')).toEqual([{ name: '', share: 1 }]);
});

test.for(['10.0.0.0/33', 'proxy.example', '10.0.0.1 10.0.0.2', '0x7f.1', '10.0.0.0/8;::1'])(
  'the API does not start with the proxies %s',
  (text) => expect(() => settings(text)).toThrow('GATEHOUSE_TRUSTED_PROXIES must be'),
);

describe.each([
  { trusted: '', name: 'without trusted proxies' },
  { trusted: '127.0.0.0/8, ::1', name: 'behind a trusted proxy' },
])('$name', ({ trusted }) => {
  let api: Harness;
  beforeAll(async () => {
    api = await harness({ GATEHOUSE_TRUSTED_PROXIES: trusted });
  });
  afterAll(() => api.close());
  const from = (address: string) => ({ 'x-forwarded-for': `198.51.100.1, ${address}` });

  test.skipIf(elsewhere)(
    'the audit log, sessions and the limit of attempts have the address of the client',
    async () => {
      const expected = trusted === '' ? '127.0.0.1' : '203.0.113.7';
      await api.post('/v1/tenants', { name: 'acme' }, { headers: from('203.0.113.7') });
      expect((await api.get('/v1/audit?limit=1')).body.items[0].remote).toBe(expected);
      const box = mailbox(api);
      const email = 'ada@example.com';
      await person(api, box, email);
      const attempt = (password: string, address: string) =>
        api.post(
          '/v1/auth/sign-in',
          { email, password, credential: 'bearer' },
          { token: null, headers: from(address) },
        );
      const signedIn = await attempt(PASSWORD, '203.0.113.7');
      const sessions = await api.get('/v1/auth/sessions', { token: signedIn.body.token });
      expect(sessions.body.items.map(({ remote }: { remote: string }) => remote)).toContain(expected);
      // A client that changes what it claims stays one client; behind a trusted proxy, others are not locked out.
      const statuses = [];
      for (let tries = 0; tries < 8; tries++) {
        const headers = {
          'x-forwarded-for': `198.51.100.${tries}, 203.0.113.66`,
          forwarded: `for=198.51.100.${tries}`,
        };
        const body = { email, password: 'a wrong password', credential: 'bearer' };
        statuses.push((await api.post('/v1/auth/sign-in', body, { token: null, headers })).status);
      }
      expect(statuses.at(-1)).toBe(429);
      expect((await attempt(PASSWORD, '203.0.113.8')).status).toBe(trusted === '' ? 429 : 200);
    },
  );

  test.runIf(elsewhere)('on Workers, the address that Cloudflare reports is that of the peer', async () => {
    const headers = { 'cf-connecting-ip': '127.0.0.7', 'x-forwarded-for': '198.51.100.1, 203.0.113.7' };
    await api.post('/v1/tenants', { name: 'acme' }, { headers });
    const expected = trusted === '' ? '127.0.0.7' : '203.0.113.7';
    expect((await api.get('/v1/audit?limit=1')).body.items[0].remote).toBe(expected);
  });
});
