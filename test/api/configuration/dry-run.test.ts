import { afterAll, beforeAll, expect, test } from 'vitest';
import { issue } from '../certificates/authority.ts';
import { gateway, type Harness, harness, route, SHARED_FLEET, tenantWithRoute, upstream } from '../harness.ts';

let api: Harness;
const { certificateChain } = await issue(['acme.example.com'], 'ECDSA P-256');
beforeAll(async () => {
  api = await harness({ GATEHOUSE_ENDPOINTS: '4' });
  await api.post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 'rival');
  await tenantWithRoute(api, 'acme');
});
afterAll(() => api.close());

const at = '/v1/tenants/acme';
const revision = async () => (await api.get(at)).body.revision as number;
const many = (count: number) => ({
  port: 9080,
  endpoints: Array.from({ length: count }, (_, index) => ({ address: `10.0.0.${index + 1}` })),
});

/** A request, which a dry run asks about first. */
interface Write {
  what: string;
  method: 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

const rejected: (Write & { code: string })[] = [
  { what: 'a wrong shape', method: 'PUT', path: '/upstreams/web', body: { prot: 1 }, code: 'invalid-request' },
  {
    what: 'a patch to a wrong shape',
    method: 'PATCH',
    path: '/upstreams/web',
    body: { port: null },
    code: 'invalid-request',
  },
  {
    what: 'a dangling reference',
    method: 'PUT',
    path: '/routes/web',
    body: { ...route('acme.example.com'), gateways: ['nope'] },
    code: 'invalid-configuration',
  },
  {
    what: 'a wildcard that the fleets do not allow',
    method: 'PUT',
    path: '/gateways/more',
    body: gateway('*'),
    code: 'invalid-configuration',
  },
  {
    what: 'too many endpoints',
    method: 'PATCH',
    path: '/upstreams/web',
    body: many(5),
    code: 'invalid-configuration',
  },
  {
    what: "another tenant's host",
    method: 'PUT',
    path: '/gateways/more',
    body: gateway('more.example.com', 'rival.example.com'),
    code: 'host-taken',
  },
  { what: 'a resource in use', method: 'DELETE', path: '/upstreams/web', code: 'still-referenced' },
  { what: 'nothing to patch', method: 'PATCH', path: '/upstreams/absent', body: {}, code: 'not-found' },
  { what: 'nothing to delete', method: 'DELETE', path: '/routes/absent', code: 'not-found' },
  {
    what: 'a stale version',
    method: 'PUT',
    path: '/upstreams/web',
    body: upstream(),
    headers: { 'if-match': '"r99"' },
    code: 'precondition-failed',
  },
  {
    what: 'a certificate without its key',
    method: 'PUT',
    path: '/certificates/web',
    body: { certificateChain },
    code: 'invalid-certificate',
  },
];

test.for(rejected)('$what: a dry run is answered with the problem of the write', async (write) => {
  const { method, path, body, headers = {}, code } = write;
  const before = await revision();
  const dry = await api.call(method, `${at}${path}?dryRun=true`, body, { headers });
  const real = await api.call(method, at + path, body, { headers });
  expect(dry.body).toMatchObject({ code });
  expect({ ...dry.body, requestId: '' }).toEqual({ ...real.body, requestId: '' });
  expect(await revision()).toBe(before);
});

const accepted: Write[] = [
  { what: 'a new resource', method: 'PUT', path: '/upstreams/new', body: upstream() },
  { what: 'a replacement', method: 'PUT', path: '/routes/web', body: route('acme.example.com', '7s') },
  { what: 'a patch', method: 'PATCH', path: '/upstreams/new', body: { port: 9081 } },
  { what: 'a deletion', method: 'DELETE', path: '/upstreams/new' },
  { what: 'a route for a host that no gateway admits', method: 'PUT', path: '/routes/odd', body: route('odd.test') },
  { what: 'what changes nothing', method: 'PUT', path: '/routes/odd', body: route('odd.test') },
];

test.for(accepted)('$what: a dry run shows what the write makes, and writes nothing', async (write) => {
  const { method, path, body } = write;
  const before = await revision();
  const dry = await api.call(method, `${at}${path}?dryRun=true`, body);
  expect(dry.status).toBe(200);
  expect([dry.headers.get('etag'), dry.headers.get('gatehouse-revision')]).toEqual([null, null]);
  expect(await revision()).toBe(before);

  const real = await api.call(method, at + path, body);
  const after = Number(real.headers.get('gatehouse-revision'));
  if (method === 'DELETE')
    expect(dry.body).toEqual({ revision: after, dryRun: true, warnings: real.body.warnings ?? [] });
  else {
    const { updatedAt: _, ...shown } = dry.body;
    const { updatedAt: __, ...made } = real.body;
    expect([shown, made.dryRun]).toEqual([{ ...made, dryRun: true }, false]);
  }
});

test('warnings about another resource are those of the write', async () => {
  const open = { ...gateway('warned.test'), selector: { ingress: 'public' } };
  await api.put(`${at}/gateways/warned`, open);
  await api.put(`${at}/routes/warned`, { ...route('warned.test'), gateways: ['warned'] });
  const closed = { ...open, selector: { ingress: 'nobody' } };
  const dry = await api.put(`${at}/gateways/warned?dryRun=true`, closed);
  const real = await api.put(`${at}/gateways/warned`, closed);
  expect(real.body.warnings.length).toBeGreaterThan(0);
  expect(dry.body.warnings).toEqual(real.body.warnings);
});

test('a tenant that does not exist has nothing to try', async () => {
  const { status, body } = await api.put('/v1/tenants/absent/upstreams/web?dryRun=true', upstream());
  expect([status, body.code]).toEqual([404, 'not-found']);
});

test('dryRun=false writes, and anything else is not understood', async () => {
  const before = await revision();
  expect((await api.put(`${at}/upstreams/last?dryRun=false`, upstream())).status).toBe(201);
  expect(await revision()).toBe(before + 1);
  expect((await api.put(`${at}/upstreams/last?dryRun=maybe`, upstream())).status).toBe(422);
});

test.each([
  ['PATCH', at, { displayName: 'Acme' }],
  ['DELETE', at, undefined],
  ['POST', '/v1/tenants', { name: 'dry' }],
  ['POST', `${at}/tokens`, { scopes: ['read'] }],
])('%s %s has no such parameter, and writes nothing', async (method, path, body) => {
  const before = await revision();
  const { status, body: problem } = await api.call(method, `${path}?dryRun=true`, body);
  expect([status, problem.violations]).toMatchObject([422, [{ path: '/dryRun', code: 'unknown-field' }]]);
  expect(await revision()).toBe(before);
  expect((await api.get('/v1/tenants/dry')).status).toBe(404);
});

test('a parameter that is given twice is rejected: one of its values would be ignored', async () => {
  const { status, body } = await api.put(`${at}/upstreams/twice?dryRun=true&dryRun=false`, upstream());
  expect([status, body.violations]).toMatchObject([422, [{ path: '/dryRun', code: 'duplicate' }]]);
  expect((await api.get(`${at}/upstreams/twice`)).status).toBe(404);
});
