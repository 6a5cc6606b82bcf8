import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leftOutPorts } from '../../../model/check/left-out-ports.ts';
import { gateway, type Harness, harness, route, SHARED_FLEET, tenantWithRoute, upstream } from '../harness.ts';

let api: Harness;
let count = 0;
/** A fresh tenant's path, at revision 1. */
const fresh = async () => {
  const name = `t${++count}`;
  await tenantWithRoute(api, name);
  return `/v1/tenants/${name}`;
};
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
});
afterAll(() => api.close());

test('201: creates, with its revision and ETag', async () => {
  const at = await fresh();
  const { status, headers, body } = await api.put(`${at}/upstreams/new`, upstream());
  expect([status, headers.get('etag'), headers.get('gatehouse-revision')]).toEqual([
    201,
    expect.stringMatching(/^"r2-\w+"$/),
    '2',
  ]);
  expect((await api.get(`${at}/upstreams/new`)).headers.get('etag')).toBe(headers.get('etag'));
  expect(body).toMatchObject({ name: 'new', revision: 2, spec: upstream() });
});

test('200: replaces', async () => {
  const at = await fresh();
  const { status, headers } = await api.put(`${at}/upstreams/web`, upstream('10.0.0.2'));
  expect([status, headers.get('gatehouse-revision')]).toEqual([200, '2']);
  expect((await api.get(`${at}/upstreams/web`)).body.spec).toEqual(upstream('10.0.0.2'));
  expect((await api.get(`${at}/upstreams/web?revision=1`)).body.spec).toEqual(upstream());
});

test('200: what changes nothing makes no revision, whatever the order of members', async () => {
  const at = await fresh();
  const { endpoints, port } = upstream();
  const before = (await api.get(`${at}/upstreams/web`)).headers.get('etag');
  const { headers } = await api.put(`${at}/upstreams/web`, { endpoints, port });
  expect([headers.get('gatehouse-revision'), headers.get('etag')]).toEqual(['1', before]);
});

test('hosts are kept in lower case, protocols in upper', async () => {
  const at = await fresh();
  const written = gateway(`X.${count}.Example.com`);
  written.servers[0]!.port.protocol = 'http';
  const { body } = await api.put(`${at}/gateways/more`, written);
  expect(body.spec.servers[0]).toMatchObject({ hosts: [`x.${count}.example.com`], port: { protocol: 'HTTP' } });
});

test('409: the response names a host of another tenant, but not that tenant', async () => {
  const at = await fresh();
  const held = `t${count}.example.com`;
  const mine = await fresh();
  for (const host of [held, '*.example.com']) {
    const { status, body } = await api.put(`${mine}/gateways/more`, gateway(host));
    expect([status, body.code]).toEqual([409, 'host-taken']);
    expect(body.detail).toContain(host);
    expect(JSON.stringify(body)).not.toContain(at.split('/').at(-1) === held ? 'never' : `"${at.split('/').at(-1)}"`);
  }
});

describe('412', () => {
  test('If-Match names another version, or nothing is there', async () => {
    const at = await fresh();
    const etag = (await api.get(`${at}/upstreams/web`)).headers.get('etag')!;
    const put = async (match: string) =>
      (await api.put(`${at}/upstreams/web`, upstream('10.0.0.2'), { headers: { 'if-match': match } })).status;
    for (const other of [etag.replace('r1-', 'r9-'), '"r1"', `W/${etag}`]) expect(await put(other), other).toBe(412);
    expect((await api.put(`${at}/upstreams/new`, upstream(), { headers: { 'if-match': '*' } })).status).toBe(412);
    expect(await put(`"x", ${etag}`)).toBe(200);
  });

  test('If-None-Match: * and it is there', async () => {
    const at = await fresh();
    const headers = { 'if-none-match': '*' };
    expect((await api.put(`${at}/upstreams/web`, upstream(), { headers })).status).toBe(412);
    expect((await api.put(`${at}/upstreams/new`, upstream(), { headers })).status).toBe(201);
  });
});

describe('422', () => {
  test('every problem of the shape at once, with pointers', async () => {
    const at = await fresh();
    const { status, body } = await api.put(`${at}/upstreams/web`, { prot: 1, endpoints: [{ address: '' }] });
    expect([status, body.code]).toEqual([422, 'invalid-request']);
    const pointers = body.violations.map(({ pointer }: { pointer: string }) => pointer);
    expect(pointers).toEqual(expect.arrayContaining(['/prot', '/port', '/endpoints/0/address']));
  });

  test('the whole would not hold together: what is not in the request has no pointer into it', async () => {
    const at = await fresh();
    const dangling = await api.put(`${at}/routes/web`, { ...route('a.test'), gateways: ['nope'] });
    expect(dangling.body.violations).toMatchObject([
      { resource: 'routes/web', code: 'dangling-reference', pointer: '/gateways/0' },
    ]);
    await api.put(`${at}/routes/web`, {
      ...route('a.test'),
      http: [{ route: [{ destination: { upstream: 'web', port: 9080 } }] }],
    });
    const elsewhere = await api.put(`${at}/upstreams/web`, { ...upstream(), port: 1 });
    expect(elsewhere.body.violations).toMatchObject([
      { resource: 'routes/web', path: '/http/0/route/0/destination/port' },
    ]);
    expect(elsewhere.body.violations[0].pointer).toBeUndefined();
  });

  test('what the fleets do not allow: a port, `*`, a public suffix, a forbidden destination', async () => {
    const at = await fresh();
    const port = gateway('p.test');
    port.servers[0]!.port.number = 8081;
    expect((await api.put(`${at}/gateways/more`, port)).body.violations).toMatchObject([
      { code: 'port-not-offered', pointer: '/servers/0/port' },
    ]);
    expect((await api.put(`${at}/gateways/more`, gateway('*'))).body.violations).toMatchObject([
      { code: 'wildcard-on-shared-fleet', pointer: '/servers/0/hosts/0' },
    ]);
    for (const host of ['*.co.uk', 'co.uk', '*.GitHub.io', 'dev.', 'localhost', '*.xn--55qx5d.cn'])
      expect((await api.put(`${at}/gateways/more`, gateway('p.test', host))).body.violations).toMatchObject([
        { code: 'public-suffix', pointer: '/servers/0/hosts/1' },
      ]);
    for (const address of ['127.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1'])
      expect((await api.put(`${at}/upstreams/web`, upstream(address))).body.violations).toMatchObject([
        { code: 'destination-denied', pointer: '/endpoints/0/address' },
      ]);
  });

  test('a name that is no DNS label', async () => {
    const at = await fresh();
    expect((await api.put(`${at}/upstreams/No_Label`, upstream())).status).toBe(422);
  });
});

test('404: a tenant there is not', async () => {
  expect((await api.put('/v1/tenants/absent/upstreams/web', upstream())).status).toBe(404);
});

test('a tenant without revisions has an empty configuration, whose ETag a first write may require', async () => {
  expect((await api.post('/v1/tenants', { name: 'empty' })).status).toBe(201);
  const at = '/v1/tenants/empty/configuration';
  const { status, headers, body } = await api.get(at);
  expect([status, headers.get('etag'), headers.get('gatehouse-revision')]).toEqual([
    200,
    expect.stringMatching(/^"r0-\w+"$/),
    '0',
  ]);
  const etag = headers.get('etag')!;
  expect(body).toEqual({ gateways: {}, routes: {}, upstreams: {}, certificates: {}, trustBundles: {} });
  expect((await api.get(at, { headers: { 'if-none-match': etag } })).status).toBe(304);
  const document = { upstreams: { web: upstream() } };
  const put = () => api.put(at, document, { headers: { 'if-match': etag } });
  expect((await put()).status).toBe(201);
  expect((await put()).status).toBe(412);
  expect((await api.get(at)).body.upstreams).toEqual(document.upstreams);
  expect((await api.get('/v1/tenants/none/configuration')).status).toBe(404);
});

test('no ETag of a removed tenant, fleet or plan is one of a later one of the name', async () => {
  const fleet = { name: 'again', labels: { ingress: 'again' }, ports: [] };
  const paths = ['', '/configuration', '/upstreams/web'].map((path) => `/v1/tenants/again${path}`);
  paths.push('/v1/fleets/again', '/v1/plans/again');
  const etags = async () => {
    const found = [];
    for (const path of paths) found.push((await api.get(path)).headers.get('etag')!);
    return found;
  };
  const create = async () => {
    await api.post('/v1/tenants', { name: 'again' });
    expect((await api.put('/v1/tenants/again/upstreams/web', upstream())).status).toBe(201);
    await api.post('/v1/fleets', fleet);
    await api.put('/v1/plans/again', { quotas: {} });
  };
  await create();
  const earlier = await etags();
  for (const path of ['/v1/tenants/again', '/v1/fleets/again', '/v1/plans/again'])
    expect((await api.remove(path)).status).toBe(204);
  await create();
  expect((await etags()).filter((etag) => earlier.includes(etag))).toEqual([]);
  for (const [index, etag] of earlier.entries())
    expect((await api.get(paths[index]!, { headers: { 'if-none-match': etag } })).status).toBe(200);
  const headers = { 'if-match': earlier.join() };
  const writes = [
    api.put('/v1/tenants/again/upstreams/web', upstream('10.0.0.9'), { headers }),
    api.patch('/v1/tenants/again/upstreams/web', { port: 81 }, { headers }),
    api.remove('/v1/tenants/again/upstreams/web', { headers }),
    api.put('/v1/tenants/again/configuration', {}, { headers }),
    api.post('/v1/tenants/again/revisions', { restore: 1 }, { headers }),
    api.patch('/v1/tenants/again', { displayName: 'x' }, { headers }),
    api.remove('/v1/tenants/again', { headers }),
    api.patch('/v1/fleets/again', { labels: {} }, { headers }),
    api.remove('/v1/fleets/again', { headers }),
    api.put('/v1/plans/again', { quotas: { routes: 1 } }, { headers }),
    api.remove('/v1/plans/again', { headers }),
  ];
  expect((await Promise.all(writes)).map(({ status }) => status)).toEqual(writes.map(() => 412));
});

describe('a host that is written with a port has a warning that the port is left out', () => {
  const warned = (path: string) => ({
    path,
    code: 'port-left-out',
    message: 'the port 8080 is left out: a host has no port',
    hint: 'the ports that clients connect to are those of `servers[].port` of the gateway',
  });

  test('in a PUT, a PATCH, and a write of several resources', async () => {
    const at = await fresh();
    const host = `x.t${count}.example.com`;
    const put = await api.put(`${at}/gateways/more`, gateway(`${host}:8080`));
    expect([put.status, put.body.spec.servers[0].hosts]).toEqual([201, [host]]);
    expect(put.body.warnings).toContainEqual({
      ...warned('/servers/0/hosts/0'),
      ...{ resource: 'gateways/more', kind: 'gateway', name: 'more', pointer: '/servers/0/hosts/0' },
    });
    const patched = await api.call('PATCH', `${at}/routes/web`, { hosts: [`t${count}.example.com:8080`] });
    expect(patched.body.warnings).toMatchObject([{ resource: 'routes/web', ...warned('/hosts/0') }]);
    const gateways = { more: gateway(host, `y.${host}:8080`) };
    const several = await api.put(`${at}/configuration?prune=false&dryRun=true`, { gateways });
    expect(several.body.warnings).toContainEqual(
      expect.objectContaining({ ...warned('/servers/0/hosts/1'), pointer: '/gateways/more/servers/0/hosts/1' }),
    );
  });

  test('at every place of a host pattern', () => {
    const allowedRoutes = { tenants: 'all', hosts: ['a.test', 'a.test:8080'] };
    const server = { ...gateway('*.test:8080').servers[0], allowedRoutes };
    expect(leftOutPorts('gateway', 'web', { ...gateway('a.test'), servers: [server] })).toMatchObject([
      warned('/servers/0/hosts/0'),
      warned('/servers/0/allowedRoutes/hosts/1'),
    ]);
    const tls = [{ match: [{ sniHosts: ['a.test:8080'] }], route: [{ destination: { upstream: 'web' } }] }];
    expect(leftOutPorts('route', 'web', { hosts: ['a.test'], tls })).toMatchObject([
      warned('/tls/0/match/0/sniHosts/0'),
    ]);
    expect(leftOutPorts('upstream', 'web', { hosts: ['a.test:8080'] })).toEqual([]);
  });
});
