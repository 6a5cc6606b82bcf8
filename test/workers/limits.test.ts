import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { follow } from '../api/fleets/stream.ts';
import { gateway, type Harness, harness, route, SHARED_FLEET, tokenFor, upstream } from '../api/harness.ts';
import { bundle } from './build.ts';

const ROUTES = 2000;

let api: Harness;
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  await api.post('/v1/tenants', { name: 'large' });
});
afterAll(() => api.close());

const routes = (timeout: string) =>
  Object.fromEntries(Array.from({ length: ROUTES }, (_, i) => [`r${i}`, route(`h${i}.large.example.com`, timeout)]));
const configuration = (timeout: string) => ({
  gateways: { edge: gateway('*.large.example.com') },
  upstreams: { web: upstream() },
  routes: routes(timeout),
});
const at = '/v1/tenants/large';

test('a tenant with 2,000 routes publishes them as one revision, diffs it and takes it back', async () => {
  const token = await tokenFor(api, '/v1/fleets/public');
  const made = await api.put(`${at}/configuration`, configuration('5s'));
  expect(made).toMatchObject({ status: 201, body: { revision: 1, changed: true } });

  const foreseen = await api.put(`${at}/configuration?dryRun=true`, configuration('7s'));
  expect(foreseen.body.diff).toHaveLength(ROUTES);
  const changed = await api.put(`${at}/configuration`, configuration('7s'));
  expect(changed.body).toMatchObject({ revision: 2, changed: true });
  expect((await api.get(`${at}/routes/r1999`)).body).toMatchObject({ revision: 2 });

  const restored = await api.post(`${at}/revisions`, { restore: 1 });
  expect(restored).toMatchObject({ status: 201, body: { revision: 3 } });
  const first = (await api.get(`${at}/revisions/1`)).body;
  expect((await api.get(`${at}/revisions/3`)).body).toMatchObject({ restores: 1, contentHash: first.contentHash });
  expect((await api.get(`${at}/configuration`)).body.routes.r1999.http[0].timeout).toBe('5s');

  const stream = await follow(api, '/v1/fleets/public/feed', token);
  const events = await stream.until(({ type }) => type === 'snapshot-end');
  const told = events.find((event) => event.type === 'tenant')!;
  expect(told).toMatchObject({ tenant: 'large', revision: 3 });
  expect(told.type === 'tenant' && told.puts).toHaveLength(ROUTES + 2);
  stream.close();

  expect((await api.put(`${at}/configuration`, {})).body.revision).toBe(4);
  expect((await api.get(`${at}/configuration`)).body.routes).toEqual({});
});

test('a host each: 1,000 are claimed, released and claimed by another at once', async () => {
  const hosts = Array.from({ length: 1000 }, (_, i) => `h${i}.claims.example.net`);
  // A server takes 256 hosts at most.
  const edge = {
    gateways: Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`g${i}`, gateway(...hosts.slice(i * 100, i * 100 + 100))]),
    ),
  };
  await api.post('/v1/tenants', { name: 'one' });
  await api.post('/v1/tenants', { name: 'two' });
  expect((await api.put('/v1/tenants/one/configuration', edge)).status).toBe(201);
  const taken = await api.put('/v1/tenants/two/configuration', edge);
  expect(taken).toMatchObject({ status: 409, body: { code: 'host-taken' } });
  expect((await api.put('/v1/tenants/one/configuration', {})).status).toBe(201);
  expect((await api.put('/v1/tenants/two/configuration', edge)).status).toBe(201);
});

test('the bundle stays under 1 MB as it is sent', async () => {
  const [, kib = ''] = /gzip: ([\d.]+) KiB/.exec(await bundle(inject('worker')!))!;
  console.log(`the Worker's bundle: ${kib} KiB gzip`);
  expect(Number(kib)).toBeLessThan(1024);
});

test('what no row of D1 holds is refused with what would be right', async () => {
  const rules = Array.from({ length: 512 }, (_, i) => ({
    match: [{ uri: { exact: `/${i}` } }],
    directResponse: { status: 200, body: 'x'.repeat(4000) },
  }));
  const write = (count: number) => {
    const huge = { ...route('huge.example.com'), http: rules.slice(0, count) };
    return api.put(`${at}/configuration`, { gateways: { edge: gateway('huge.example.com') }, routes: { huge } });
  };
  const answer = await write(512);
  expect(answer).toMatchObject({ status: 413, body: { code: 'payload-too-large' } });
  expect(answer.body.detail).toMatch(/^the resource needs 2\d{6} bytes in one row, and a row can store 2000000$/);
  expect((await api.get(`${at}/routes/huge`)).status).toBe(404);
  expect((await write(256)).status).toBe(201);
});
