import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../../api/settings.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness, route, SHARED_FLEET } from '../harness.ts';

const LIMITS = {
  GATEHOUSE_GATEWAY_HOSTS: '20',
  GATEHOUSE_ROUTE_HOSTS: '30',
  GATEHOUSE_HOST_CONDITIONS: '12',
  GATEHOUSE_ROUTE_MEMORY: '1',
};
let api: Harness;
beforeAll(async () => {
  api = await harness(LIMITS);
  await api.post('/v1/fleets', SHARED_FLEET);
});
afterAll(() => api.close());

const names = (count: number, domain: string, from = 0) =>
  Array.from({ length: count }, (_, i) => `h${from + i}.${domain}`);
const servers = (...lists: string[][]) =>
  lists.map((hosts, i) => ({ port: { number: 80, name: `p${i}`, protocol: 'HTTP' }, hosts }));
const gateway = (...lists: string[][]) => ({ selector: SHARED_FLEET.labels, servers: servers(...lists) });

let count = 0;
async function tenant() {
  const name = `t${++count}`;
  await api.post('/v1/tenants', { name });
  return { at: `/v1/tenants/${name}`, domain: `${name}.example.com` };
}

describe('hosts of all gateways of a tenant', () => {
  test('are so many at most: the first beyond is named', async () => {
    const { at, domain } = await tenant();
    expect((await api.put(`${at}/gateways/one`, gateway(names(15, domain)))).status).toBe(201);
    const { status, body } = await api.put(`${at}/gateways/two`, gateway(names(3, domain, 15), names(4, domain, 20)));
    expect([status, body.code]).toEqual([422, 'invalid-configuration']);
    expect(body.violations).toMatchObject([
      { resource: 'gateways/two', code: 'too-many-hosts', path: '/servers/1/hosts/2', pointer: '/servers/1/hosts/2' },
    ]);
    expect(body.violations[0].message).toContain('20 hosts');
    expect((await api.put(`${at}/gateways/two`, gateway(names(5, domain, 15)))).status).toBe(201);
  });

  test('are counted once for each five labels', async () => {
    const { at, domain } = await tenant();
    const deep = names(10, `a.b.c.${domain}`);
    expect((await api.put(`${at}/gateways/one`, gateway(deep))).status).toBe(201);
    expect((await api.put(`${at}/gateways/two`, gateway(names(1, domain)))).body.violations).toMatchObject([
      { code: 'too-many-hosts' },
    ]);
  });

  test('in a larger body, and in a dry run', async () => {
    const { at, domain } = await tenant();
    const document = { gateways: { one: gateway(names(15, domain)), two: gateway(names(6, domain, 15)) } };
    const pointer = '/gateways/two/servers/0/hosts/5';
    const applied = await api.put(`${at}/configuration`, document);
    expect([applied.status, applied.body.violations]).toMatchObject([422, [{ code: 'too-many-hosts', pointer }]]);
    const foreseen = await api.put(`${at}/configuration?dryRun=true`, document);
    expect(foreseen.body.errors).toMatchObject([{ code: 'too-many-hosts', pointer }]);
    const puts = Object.entries(document.gateways).map(([name, spec]) => ({ kind: 'gateway', name, spec }));
    const published = await api.post(`${at}/revisions`, { puts });
    expect(published.body.violations).toMatchObject([{ pointer: '/puts/1/spec/servers/0/hosts/5' }]);
  });

  test('a change that removes some hosts and adds as many is written', async () => {
    const { at, domain } = await tenant();
    await api.put(`${at}/gateways/one`, gateway(names(20, domain)));
    expect((await api.put(`${at}/gateways/one`, gateway(names(20, domain, 5)))).status).toBe(200);
    expect((await api.remove(`${at}/gateways/one`)).status).toBe(204);
    expect((await api.put(`${at}/gateways/two`, gateway(names(20, domain)))).status).toBe(201);
  });
});

test('hosts of all routes have a limit of their own', async () => {
  const { at, domain } = await tenant();
  await api.put(`${at}/gateways/edge`, gateway([`*.${domain}`]));
  const direct = { ...route(domain), http: [{ directResponse: { status: 200 } }] };
  const of = (hosts: string[]) => ({ ...direct, hosts });
  expect((await api.put(`${at}/routes/one`, of(names(25, domain)))).status).toBe(201);
  const { status, body } = await api.put(`${at}/routes/two`, of(names(6, domain, 25)));
  expect([status, body.violations]).toMatchObject([
    422,
    [{ resource: 'routes/two', code: 'too-many-hosts', path: '/hosts/5' }],
  ]);
});

test.skipIf(elsewhere)('a tenant that has more already may change all that makes them no more', async () => {
  const { at, domain } = await tenant();
  await api.put(`${at}/gateways/one`, gateway(names(20, domain)));
  // The operator lowers the limit; a new start would do the same.
  const { settings } = api.app!.services;
  const before = settings.gatewayHosts;
  settings.gatewayHosts = 10;
  try {
    const statuses = [
      (await api.put(`${at}/upstreams/web`, { port: 80, endpoints: [{ address: '192.0.2.1' }] })).status,
      (await api.patch(`${at}/gateways/one`, { labels: { team: 'a' } })).status,
      (await api.put(`${at}/gateways/one`, gateway(names(20, domain, 3)))).status,
      (await api.put(`${at}/gateways/one`, gateway(names(18, domain)))).status,
    ];
    expect(statuses).toEqual([201, 200, 200, 200]);
    const more = await api.put(`${at}/gateways/one`, gateway(names(19, domain)));
    expect([more.status, more.body.violations]).toMatchObject([422, [{ code: 'too-many-hosts' }]]);
  } finally {
    settings.gatewayHosts = before;
  }
});

describe('the conditions of all routes of a host', () => {
  /** A rule without conditions, and a rule with so many. */
  const conditions = (hosts: string[], count: number) => ({
    ...{ hosts, gateways: ['edge'] },
    http: [
      {
        match: Array.from({ length: count }, (_, n) => ({ uri: { exact: `/${n}` } })),
        directResponse: { status: 200 },
      },
      { directResponse: { status: 404 } },
    ],
  });
  async function tenantWithGateway() {
    const made = await tenant();
    await api.put(`${made.at}/gateways/edge`, gateway([made.domain, `*.${made.domain}`]));
    return made;
  }
  const rejected = ({ status, body }: { status: number; body: { violations: object[] } }) => [status, body.violations];

  test('have a limit, with those of wildcards above the host: the first beyond is named', async () => {
    const { at, domain } = await tenantWithGateway();
    const [host, wide] = [`a.${domain}`, `*.${domain}`];
    expect((await api.put(`${at}/routes/one`, conditions([host, wide], 11))).status).toBe(201);
    expect((await api.put(`${at}/routes/elsewhere`, conditions([domain], 11))).status).toBe(201);
    for (const hosts of [[host], [wide], [`b.${domain}`]])
      expect(rejected(await api.put(`${at}/routes/two`, conditions(hosts, 1)))).toMatchObject([
        422,
        [{ resource: 'routes/two', code: 'too-many-conditions', path: '/http/0/match/0' }],
      ]);
    const { body } = await api.put(`${at}/routes/one`, conditions([wide], 14));
    expect(body.violations).toMatchObject([{ path: '/http/0/match/12', pointer: '/http/0/match/12' }]);
    expect(body.violations[0].message).toContain('may have 12 conditions in all, not 15');
    expect(rejected(await api.put(`${at}/routes/one`, conditions([wide], 12)))).toMatchObject([
      422,
      [{ path: '/http/1' }],
    ]);
    const document = { gateways: { edge: gateway([domain]) }, routes: { two: conditions([domain], 20) } };
    const foreseen = await api.put(`${at}/configuration?dryRun=true`, document);
    expect(foreseen.body.errors).toMatchObject([{ pointer: '/routes/two/http/0/match/12' }]);
  });

  test('are counted where a route gets more hosts', async () => {
    const { at, domain } = await tenantWithGateway();
    await api.put(`${at}/routes/one`, conditions([`a.${domain}`], 8));
    await api.put(`${at}/routes/two`, conditions([`b.${domain}`], 8));
    expect(rejected(await api.put(`${at}/routes/two`, conditions([`*.${domain}`], 8)))).toMatchObject([
      422,
      [{ resource: 'routes/two', code: 'too-many-conditions' }],
    ]);
  });

  test.skipIf(elsewhere)('may be more already: every change without further ones is written', async () => {
    const { at, domain } = await tenantWithGateway();
    const { settings } = api.app!.services;
    const before = settings.hostConditions;
    settings.hostConditions = 100;
    await api.put(`${at}/routes/one`, conditions([domain], 40));
    await api.put(`${at}/routes/two`, conditions([domain], 40));
    settings.hostConditions = before;
    const statuses = [
      (await api.put(`${at}/upstreams/web`, { port: 80, endpoints: [{ address: '192.0.2.1' }] })).status,
      (await api.patch(`${at}/routes/one`, { labels: { team: 'a' } })).status,
      (await api.put(`${at}/routes/one`, conditions([domain], 39))).status,
      (await api.put(`${at}/routes/other`, conditions([`a.${domain}`], 9))).status,
    ];
    expect(statuses).toEqual([201, 200, 200, 201]);
    expect(rejected(await api.put(`${at}/routes/one`, conditions([domain], 40)))).toMatchObject([
      422,
      [{ resource: 'routes/one', code: 'too-many-conditions', path: '/http/0/match/0' }],
    ]);
    expect((await api.remove(`${at}/routes/one`)).status).toBe(204);
    expect((await api.put(`${at}/routes/two`, conditions([domain], 5))).status).toBe(200);
    // The revision that wrote the second route.
    expect((await api.post(`${at}/revisions`, { restore: 3 })).status).toBe(201);
    expect((await api.get(`${at}/routes/two`)).body.spec.http[0].match).toHaveLength(40);
  });
});

describe("Envoy's memory for all routes", () => {
  const large = (hosts: string[], count: number) => ({
    ...{ hosts, gateways: ['edge'] },
    http: Array.from({ length: count }, () => ({ directResponse: { status: 200, body: 'x'.repeat(4000) } })),
  });
  const hosts = (domain: string, count: number, from = 0) =>
    Array.from({ length: count }, (_, n) => `h${from + n}.${domain}`);
  async function tenantWithGateway() {
    const made = await tenant();
    await api.put(`${made.at}/gateways/edge`, gateway([`*.${made.domain}`]));
    return made;
  }

  test('has a limit over all hosts: the condition beyond is named', async () => {
    const { at, domain } = await tenantWithGateway();
    expect((await api.put(`${at}/routes/one`, large(hosts(domain, 9), 10))).status).toBe(201);
    const { status, body } = await api.put(`${at}/routes/two`, large(hosts(domain, 9, 9), 12));
    expect([status, body.violations]).toMatchObject([
      422,
      [{ resource: 'routes/two', code: 'routes-too-large', path: '/http/9', pointer: '/http/9' }],
    ]);
    expect(body.violations[0].message).toContain("may need 1 MB of Envoy's memory in all, not 2 MB");
    const document = { gateways: { edge: gateway([domain]) }, routes: { two: large(hosts(domain, 15), 12) } };
    const foreseen = await api.put(`${at}/configuration?dryRun=true`, document);
    expect(foreseen.body.errors).toMatchObject([{ code: 'routes-too-large', pointer: '/routes/two/http/11' }]);
  });

  test('counts a route once for each host below its wildcard, whichever resource adds it', async () => {
    const { at, domain } = await tenantWithGateway();
    await api.put(`${at}/routes/wide`, large([`*.${domain}`], 12));
    const more = await api.put(`${at}/gateways/edge`, gateway([`*.${domain}`, ...hosts(domain, 15)]));
    expect([more.status, more.body.violations]).toMatchObject([
      422,
      [{ resource: 'gateways/edge', code: 'routes-too-large' }],
    ]);
  });

  test.skipIf(elsewhere)('may be more already: every change that adds none is written', async () => {
    const { at, domain } = await tenantWithGateway();
    const { settings } = api.app!.services;
    settings.routeMemory = 100;
    await api.put(`${at}/routes/one`, large(hosts(domain, 12), 12));
    await api.put(`${at}/routes/two`, large(hosts(domain, 4, 12), 12));
    settings.routeMemory = 1;
    const statuses = [
      (await api.patch(`${at}/routes/one`, { labels: { team: 'a' } })).status,
      (await api.remove(`${at}/routes/two`)).status,
      (await api.put(`${at}/routes/two`, large(hosts(domain, 4, 12), 12))).status,
      (await api.post(`${at}/revisions`, { restore: 3 })).status,
    ];
    expect(statuses).toEqual([200, 204, 422, 201]);
  });
});

test('the limits are generous unless the operator says otherwise', () =>
  expect(readSettings({})).toMatchObject({
    gatewayHosts: 10_000,
    routeHosts: 50_000,
    hostConditions: 8192,
    routeMemory: 256,
  }));
