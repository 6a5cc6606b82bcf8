import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../../api/settings.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness, SHARED_FLEET } from '../harness.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_CLUSTERS: '20', GATEHOUSE_HOST_CLUSTERS: '4' });
  await api.post('/v1/fleets', SHARED_FLEET);
});
afterAll(() => api.close());

/** An upstream without endpoints. */
const upstream = (subsets = 0, more = {}) => ({
  port: 80,
  endpoints: [],
  subsets: Array.from({ length: subsets }, (_, i) => ({ name: `s${i}`, labels: { version: `${i}` } })),
  ...more,
});
const sticky = { loadBalancer: { sessionAffinity: { cookie: 'backend' } } };

let count = 0;
async function tenant() {
  const name = `t${++count}`;
  await api.post('/v1/tenants', { name });
  const domain = `${name}.example.com`;
  const hosts = [domain, `*.${domain}`];
  const servers = [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts }];
  await api.put(`/v1/tenants/${name}/gateways/edge`, { selector: SHARED_FLEET.labels, servers });
  return { at: `/v1/tenants/${name}`, domain };
}

const rejected = ({ status, body }: { status: number; body: { violations: object[] } }) => [status, body.violations];

describe('clusters of all upstreams of a tenant', () => {
  test('are so many at most, also without endpoints: the first beyond is named', async () => {
    const { at } = await tenant();
    expect((await api.put(`${at}/upstreams/one`, upstream(15))).status).toBe(201);
    const beyond = await api.put(`${at}/upstreams/two`, upstream(5));
    expect(rejected(beyond)).toMatchObject([
      422,
      [{ resource: 'upstreams/two', code: 'too-many-clusters', path: '/subsets/3' }],
    ]);
    expect(beyond.body.violations[0].message).toBe(
      'the upstreams of a tenant may be 20 clusters in Envoy in all, not 22',
    );
    expect((await api.put(`${at}/upstreams/two`, upstream(3))).status).toBe(201);
    const document = { upstreams: { one: upstream(15), two: upstream(5) } };
    const foreseen = await api.put(`${at}/configuration?dryRun=true`, document);
    expect(foreseen.body.errors).toMatchObject([{ pointer: '/upstreams/two/subsets/3' }]);
  });

  test('count five times when a hash chooses', async () => {
    const { at } = await tenant();
    expect((await api.put(`${at}/upstreams/one`, upstream(3, sticky))).status).toBe(201);
    expect(rejected(await api.put(`${at}/upstreams/two`, upstream()))).toMatchObject([422, [{ path: '' }]]);
    await api.put(`${at}/upstreams/one`, upstream(4));
    expect(rejected(await api.put(`${at}/upstreams/one`, upstream(4, sticky)))).toMatchObject([
      422,
      [{ code: 'too-many-clusters', path: '/subsets/3' }],
    ]);
  });

  test('count once more when they get copies of requests', async () => {
    const { at, domain } = await tenant();
    await api.put(`${at}/upstreams/one`, upstream(18));
    const mirrors = (...subsets: string[]) => ({
      hosts: [domain],
      gateways: ['edge'],
      http: subsets.map((subset, index) => ({
        match: [{ uri: { exact: `/${index}` } }],
        route: [{ destination: { upstream: 'one' } }],
        mirrors: [{ destination: { upstream: 'one', subset } }],
      })),
    });
    expect((await api.put(`${at}/routes/one`, mirrors('s0', 's0', 's0'))).status).toBe(201);
    expect(rejected(await api.put(`${at}/routes/one`, mirrors('s0', 's1')))).toMatchObject([
      422,
      [{ resource: 'routes/one', code: 'too-many-clusters', path: '/http/1/mirrors/0/destination' }],
    ]);
  });

  test.skipIf(elsewhere)('may be more already: every change that adds none is written', async () => {
    const { at } = await tenant();
    const { settings } = api.app!.services;
    const before = settings.clusters;
    settings.clusters = 100;
    await api.put(`${at}/upstreams/one`, upstream(30));
    await api.put(`${at}/upstreams/two`, upstream(30));
    settings.clusters = before;
    const statuses = [
      (await api.patch(`${at}/upstreams/one`, { port: 81 })).status,
      (await api.put(`${at}/upstreams/one`, upstream(29))).status,
      (await api.put(`${at}/upstreams/one`, upstream(30))).status,
      (await api.remove(`${at}/upstreams/two`)).status,
      // The revision that wrote the second upstream; the first one made the gateway.
      (await api.post(`${at}/revisions`, { restore: 3 })).status,
    ];
    expect(statuses).toEqual([200, 200, 422, 204, 201]);
  });
});

describe('upstreams and subsets to which the routes of a host send requests', () => {
  const naming = (hosts: string[], ...subsets: number[]) => ({
    hosts,
    gateways: ['edge'],
    http: [{ route: subsets.map((i) => ({ destination: { upstream: 'app', subset: `s${i}` }, weight: 1 })) }],
  });
  async function tenantWithUpstream() {
    const made = await tenant();
    await api.put(`${made.at}/upstreams/app`, upstream(12));
    return made;
  }

  test('have a limit, with those of wildcards above the host', async () => {
    const { at, domain } = await tenantWithUpstream();
    expect((await api.put(`${at}/routes/wide`, naming([`*.${domain}`], 0, 1, 2))).status).toBe(201);
    expect((await api.put(`${at}/routes/same`, naming([`a.${domain}`], 0, 1, 3))).status).toBe(201);
    expect((await api.put(`${at}/routes/other`, naming([domain], 4, 5, 6, 7))).status).toBe(201);
    const beyond = await api.put(`${at}/routes/one`, naming([`a.${domain}`], 2, 4));
    const last = { code: 'too-many-destinations', path: '/http/0/route/1/destination' };
    expect(rejected(beyond)).toMatchObject([422, [{ ...last, resource: 'routes/one' }]]);
    expect(beyond.body.violations[0].message).toBe(
      `the routes of a host may send requests to 4 upstreams and subsets in all, not 5 as for a.${domain}`,
    );
    expect(rejected(await api.put(`${at}/routes/wide`, naming([`*.${domain}`], 4, 5)))).toMatchObject([422, [last]]);
    expect((await api.put(`${at}/routes/one`, naming([`b.${domain}`], 2, 4))).status).toBe(201);
  });

  test('include those of routes to which a rule delegates', async () => {
    const { at, domain } = await tenantWithUpstream();
    const { hosts: _hosts, gateways: _gateways, ...rules } = naming([], 0, 1, 2);
    expect((await api.put(`${at}/routes/child`, { ...rules, parents: ['parent'] })).status).toBe(201);
    const parent = {
      hosts: [domain],
      gateways: ['edge'],
      http: [
        { match: [{ uri: { prefix: '/child' } }], delegate: { route: 'child' } },
        { route: [{ destination: { upstream: 'app' } }] },
      ],
    };
    expect((await api.put(`${at}/routes/parent`, parent)).status).toBe(201);
    const more = naming([], 0, 1, 2, 3).http;
    expect(rejected(await api.put(`${at}/routes/child`, { http: more, parents: ['parent'] }))).toMatchObject([
      422,
      [{ resource: 'routes/child', code: 'too-many-destinations' }],
    ]);
  });

  test('are as many for all connections of a tenant', async () => {
    const { at } = await tenantWithUpstream();
    const servers = [{ port: { number: 5432, name: 'db', protocol: 'TCP' }, hosts: ['*'] }];
    await api.put(`${at}/gateways/db`, { selector: { ingress: 'elsewhere' }, servers });
    const connections = (...subsets: number[]) => ({ gateways: ['db'], tcp: naming([], ...subsets).http });
    expect((await api.put(`${at}/routes/one`, connections(0, 1, 2))).status).toBe(201);
    expect((await api.put(`${at}/routes/two`, connections(1, 2, 3))).status).toBe(201);
    expect(rejected(await api.put(`${at}/routes/two`, connections(3, 4)))).toMatchObject([
      422,
      [{ resource: 'routes/two', code: 'too-many-destinations', path: '/tcp/0/route/1/destination' }],
    ]);
  });

  test.skipIf(elsewhere)('may be more already: every change that adds none to the host is written', async () => {
    const { at, domain } = await tenantWithUpstream();
    const { settings } = api.app!.services;
    const before = settings.hostClusters;
    settings.hostClusters = 100;
    await api.put(`${at}/routes/one`, naming([domain], 0, 1, 2, 3, 4, 5));
    settings.hostClusters = before;
    const statuses = [
      (await api.patch(`${at}/routes/one`, { labels: { team: 'a' } })).status,
      (await api.put(`${at}/routes/one`, naming([domain], 0, 1, 2, 3, 4))).status,
      (await api.put(`${at}/routes/one`, naming([domain], 0, 1, 2, 3, 4, 5))).status,
      (await api.remove(`${at}/routes/one`)).status,
      (await api.post(`${at}/revisions`, { restore: 3 })).status,
    ];
    expect(statuses).toEqual([200, 200, 422, 204, 201]);
  });
});

test('the limits are generous unless the operator says otherwise', () =>
  expect(readSettings({})).toMatchObject({ clusters: 10_000, hostClusters: 1_000 }));
