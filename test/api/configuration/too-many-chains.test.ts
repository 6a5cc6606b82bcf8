import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issue } from '../certificates/authority.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness } from '../harness.ts';

let api: Harness;
let certificate: unknown;
beforeAll(async () => {
  api = await harness({
    GATEHOUSE_TLS_PROFILES: '3',
    GATEHOUSE_CONNECTION_RULES: '4',
    GATEHOUSE_CONNECTION_PORTS: '2',
    GATEHOUSE_UDP_SESSIONS: '20000',
  });
  const { certificateChain, privateKey } = await issue(['*.shop.test']);
  certificate = { certificateChain, privateKey };
});
afterAll(() => api.close());

let count = 0;
async function tenant() {
  const name = `t${++count}`;
  await api.post('/v1/tenants', { name });
  const at = `/v1/tenants/${name}`;
  await api.put(`${at}/certificates/shop`, certificate);
  await api.put(`${at}/upstreams/db`, { port: 80, endpoints: [] });
  return at;
}

const TLS = [
  { minProtocolVersion: 'TLSV1_2' },
  { minProtocolVersion: 'TLSV1_3' },
  { maxProtocolVersion: 'TLSV1_2' },
  { alpn: ['http/1.1'] },
];
/** One server of the last tenant per TLS setting, each on a port of its own unless `port` is given. */
const gateway = (settings: object[], port?: number) => ({
  selector: { ingress: 'chains' },
  servers: settings.map((tls, index) => ({
    port: { number: port ?? 8000 + index, name: `s${index}`, protocol: 'HTTPS' },
    hosts: [`h${index}-${count}.shop.test`],
    tls: { mode: 'SIMPLE', credentialName: 'shop', ...tls },
  })),
});
const rules = (count: number) => ({
  gateways: ['main'],
  tcp: Array.from({ length: count }, (_, index) => ({
    match: [{ source: [`10.${index}.0.0/16`] }],
    route: [{ destination: { upstream: 'db' } }],
  })),
});

describe('the TLS settings of a tenant', () => {
  test('are so many at most; default ones and equal ones of a port count once', async () => {
    const at = await tenant();
    const equal = [TLS[0]!, TLS[0]!, TLS[0]!, {}, {}, {}, {}];
    expect((await api.put(`${at}/gateways/equal`, gateway(equal, 8443))).status).toBe(201);
    expect((await api.put(`${at}/gateways/two`, gateway([TLS[1]!, TLS[2]!]))).status).toBe(201);
    const { status, body } = await api.put(`${at}/gateways/three`, gateway([{}, TLS[3]!]));
    expect([status, body.code]).toEqual([422, 'invalid-configuration']);
    expect(body.violations).toMatchObject([
      { resource: 'gateways/three', code: 'too-many-profiles', pointer: '/servers/1/tls' },
    ]);
    expect(body.violations[0].message).toBe(
      'the servers of a tenant may have 3 TLS settings in all that differ from the default ones, not 4',
    );
    const dry = await api.put(`${at}/gateways/three?dryRun=true`, gateway([{}, TLS[3]!]));
    expect(dry.body.violations).toMatchObject([{ code: 'too-many-profiles' }]);
  });

  test('count for HTTP/3 too, where each certificate of a port has a filter chain', async () => {
    const at = await tenant();
    const quic = (settings: object[]) => {
      const { servers, ...rest } = gateway(settings);
      return { ...rest, servers: servers.map((server) => ({ ...server, http3: true })) };
    };
    const { status, body } = await api.put(`${at}/gateways/main`, quic([{}, {}, {}, {}]));
    expect([status, body.violations]).toMatchObject([
      422,
      [{ code: 'too-many-profiles', pointer: '/servers/3/http3' }],
    ]);
    expect((await api.put(`${at}/gateways/main`, quic([{}, {}, {}]))).status).toBe(201);
  });

  test('of other tenants do not count', async () => {
    for (let each = 0; each < 2; each++)
      expect((await api.put(`${await tenant()}/gateways/main`, gateway(TLS.slice(0, 3)))).status).toBe(201);
  });

  // The settings of an API in another process cannot change.
  test.skipIf(elsewhere)('may stay when the operator lowers the limit, and other changes go on', async () => {
    const at = await tenant();
    const { settings } = api.app!.services;
    await api.put(`${at}/gateways/main`, gateway(TLS.slice(0, 3)));
    const before = settings.tlsProfiles;
    settings.tlsProfiles = 1;
    try {
      const fewer = { ...gateway(TLS.slice(0, 3)), labels: { changed: 'yes' } };
      expect((await api.put(`${at}/gateways/main`, fewer)).status).toBe(200);
      expect((await api.put(`${at}/upstreams/db`, { port: 81, endpoints: [] })).status).toBe(200);
      expect((await api.put(`${at}/gateways/main`, gateway(TLS.slice(0, 2)))).status).toBe(200);
      expect((await api.put(`${at}/gateways/main`, gateway(TLS.slice(0, 3)))).status).toBe(422);
    } finally {
      settings.tlsProfiles = before;
    }
  });
});

test('the rules for connections of a tenant are so many at most', async () => {
  const at = await tenant();
  const tcp = { port: { number: 5432, name: 'tcp', protocol: 'TCP' }, hosts: ['*'] };
  expect((await api.put(`${at}/gateways/main`, { selector: { ingress: 'chains' }, servers: [tcp] })).status).toBe(201);
  expect((await api.put(`${at}/routes/one`, rules(3))).status).toBe(201);
  const { status, body } = await api.put(`${at}/routes/two`, rules(2));
  expect([status, body.violations]).toMatchObject([
    422,
    [{ resource: 'routes/two', code: 'too-many-connection-rules', pointer: '/tcp/1' }],
  ]);
  expect((await api.put(`${at}/routes/two`, rules(1))).status).toBe(201);
});

test('a tenant has a limited number of ports for TCP and UDP, so that it cannot take a whole range', async () => {
  const at = await tenant();
  const opening = (...ports: [number, string][]) => ({
    selector: { ingress: 'chains' },
    servers: ports.map(([number, protocol], index) => ({
      port: { number, name: `p${index}`, protocol },
      hosts: ['*'],
    })),
  });
  const [first] = [9000 + count * 10];
  expect((await api.put(`${at}/gateways/db`, opening([first, 'TCP'], [first, 'UDP']))).status).toBe(201);
  expect((await api.put(`${at}/gateways/same`, opening([first, 'TCP']))).status).toBe(201);
  const { status, body } = await api.put(`${at}/gateways/more`, opening([first, 'TCP'], [first + 1, 'POSTGRES']));
  expect(status).toBe(422);
  expect(body.violations).toMatchObject([{ code: 'too-many-ports', pointer: '/servers/1/port' }]);
});

test('the destinations of datagrams have a limited number of sessions, because each is a file descriptor', async () => {
  const at = await tenant();
  const up = (maxConnections?: number) => ({
    port: 53,
    endpoints: [],
    ...(maxConnections && { circuitBreaker: { maxConnections } }),
  });
  const to = (...upstreams: string[]) => ({
    gateways: ['dns'],
    udp: upstreams.map((upstream) => ({ route: [{ destination: { upstream } }] })),
  });
  const server = { port: { number: 53, name: 'dns', protocol: 'UDP' }, hosts: ['*'] };
  expect((await api.put(`${at}/gateways/dns`, { selector: { ingress: 'chains' }, servers: [server] })).status).toBe(
    201,
  );
  for (const name of ['a', 'b', 'c']) await api.put(`${at}/upstreams/${name}`, up(name === 'b' ? 3000 : undefined));
  expect((await api.put(`${at}/routes/dns`, to('a', 'b'))).status).toBe(201);
  const second = await api.put(`${at}/routes/more`, to('b', 'c'));
  expect([second.status, second.body.violations]).toMatchObject([
    422,
    [{ resource: 'routes/more', code: 'too-many-sessions', pointer: '/udp/1/route/0/destination' }],
  ]);
  const larger = await api.put(`${at}/upstreams/b`, up());
  expect([larger.status, larger.body.violations]).toMatchObject([
    422,
    [{ resource: 'upstreams/b', code: 'too-many-sessions', pointer: '/circuitBreaker/maxConnections' }],
  ]);
  await api.put(`${at}/upstreams/c`, up(600));
  expect((await api.put(`${at}/routes/more`, to('b', 'c'))).status).toBe(201);
});
