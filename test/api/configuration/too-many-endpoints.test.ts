import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../../api/settings.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness } from '../harness.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_ENDPOINTS: '20', GATEHOUSE_CHECKS: '5' });
});
afterAll(() => api.close());

/** An upstream with as many endpoints, the first `v1` of which are also in each of as many subsets. */
const upstream = (count: number, v1 = 0, subsets = 0) => ({
  port: 80,
  endpoints: Array.from({ length: count }, (_, i) => ({
    address: `192.0.2.${i}`,
    ...(i < v1 && { labels: { version: 'v1', zone: 'a' } }),
  })),
  subsets: Array.from({ length: subsets }, (_, i) => ({ name: `s${i}`, labels: { version: 'v1' } })),
});

let count = 0;
async function tenant() {
  const name = `t${++count}`;
  await api.post('/v1/tenants', { name });
  return `/v1/tenants/${name}`;
}

describe('endpoints of all upstreams of a tenant', () => {
  test('are so many at most: the list beyond is named', async () => {
    const at = await tenant();
    expect((await api.put(`${at}/upstreams/one`, upstream(15))).status).toBe(201);
    const { status, body } = await api.put(`${at}/upstreams/two`, upstream(6));
    expect([status, body.code]).toEqual([422, 'invalid-configuration']);
    expect(body.violations).toMatchObject([
      { resource: 'upstreams/two', code: 'too-many-endpoints', path: '/endpoints', pointer: '/endpoints' },
    ]);
    expect(body.violations[0].message).toBe('the upstreams of a tenant may have 20 endpoints in all, not 21');
    expect((await api.put(`${at}/upstreams/two`, upstream(5))).status).toBe(201);
  });

  test('are counted again for each subset that selects them', async () => {
    const at = await tenant();
    expect((await api.put(`${at}/upstreams/web`, upstream(12, 4, 2))).status).toBe(201);
    const { status, body } = await api.put(`${at}/upstreams/web`, upstream(12, 4, 3));
    expect([status, body.violations]).toMatchObject([422, [{ code: 'too-many-endpoints', path: '/subsets/2' }]]);
    const many = { ...upstream(20), subsets: upstream(0, 0, 64).subsets };
    expect((await api.put(`${at}/upstreams/web`, many)).status).toBe(200);
  });

  test('in a larger body, in a dry run and in a patch', async () => {
    const at = await tenant();
    const document = { upstreams: { one: upstream(10), two: upstream(5, 3, 2) } };
    const pointer = '/upstreams/two/subsets/1';
    const applied = await api.put(`${at}/configuration`, document);
    expect([applied.status, applied.body.violations]).toMatchObject([422, [{ code: 'too-many-endpoints', pointer }]]);
    const foreseen = await api.put(`${at}/configuration?dryRun=true`, document);
    expect(foreseen.body.errors).toMatchObject([{ code: 'too-many-endpoints', pointer }]);
    const puts = Object.entries(document.upstreams).map(([name, spec]) => ({ kind: 'upstream', name, spec }));
    const published = await api.post(`${at}/revisions`, { puts });
    expect(published.body.violations).toMatchObject([{ pointer: '/puts/1/spec/subsets/1' }]);
    await api.put(`${at}/upstreams/one`, upstream(12, 12));
    const patched = await api.patch(`${at}/upstreams/one`, { subsets: upstream(0, 0, 1).subsets });
    expect([patched.status, patched.body.violations]).toMatchObject([422, [{ pointer: '/subsets/0' }]]);
  });

  test('a change that removes some endpoints and adds as many is written', async () => {
    const at = await tenant();
    await api.put(`${at}/upstreams/one`, upstream(10, 5, 2));
    expect((await api.put(`${at}/upstreams/one`, upstream(10, 2, 5))).status).toBe(200);
    expect((await api.remove(`${at}/upstreams/one`)).status).toBe(204);
    expect((await api.put(`${at}/upstreams/two`, upstream(20))).status).toBe(201);
  });
});

test.skipIf(elsewhere)('a tenant that has more already may change all that makes them no more', async () => {
  const at = await tenant();
  await api.put(`${at}/upstreams/one`, upstream(10, 5, 2));
  // The operator lowers the limit; a new start would do the same.
  const { settings } = api.app!.services;
  const before = settings.endpoints;
  settings.endpoints = 10;
  try {
    const statuses = [
      (await api.patch(`${at}/upstreams/one`, { port: 81 })).status,
      (await api.put(`${at}/upstreams/one`, upstream(10, 2, 5))).status,
      (await api.put(`${at}/upstreams/one`, upstream(10, 5, 1))).status,
    ];
    expect(statuses).toEqual([200, 200, 200]);
    const more = await api.put(`${at}/upstreams/one`, upstream(10, 2, 3));
    expect([more.status, more.body.violations]).toMatchObject([422, [{ code: 'too-many-endpoints' }]]);
  } finally {
    settings.endpoints = before;
  }
});

test('the limit is generous unless the operator says otherwise', () =>
  expect(readSettings({})).toMatchObject({ endpoints: 100_000 }));

describe('health checks of all upstreams of a tenant', () => {
  const checked = (count: number, interval = '2s', ...subsets: number[]) => ({
    ...upstream(count, ...subsets),
    healthChecks: [{ tcp: {}, interval }],
  });
  const tooMany = { code: 'too-many-checks', path: '/healthChecks/0/interval' };

  test('have a limit per second: the upstream beyond is named', async () => {
    const at = await tenant();
    expect((await api.put(`${at}/upstreams/one`, checked(6))).status).toBe(201);
    const { status, body } = await api.put(`${at}/upstreams/two`, checked(5));
    expect([status, body.violations]).toMatchObject([422, [{ ...tooMany, resource: 'upstreams/two' }]]);
    expect(body.violations[0].message).toBe(
      'the health checks of a tenant may cause 5 checks per second in each Envoy, not 6',
    );
    expect((await api.put(`${at}/upstreams/two`, checked(4))).status).toBe(201);
    expect((await api.put(`${at}/upstreams/two`, checked(4, '2s', 1, 1))).body.violations).toMatchObject([tooMany]);
    expect((await api.put(`${at}/upstreams/two`, checked(8, '4s'))).status).toBe(200);
    const document = { upstreams: { one: checked(6), two: checked(5) } };
    const foreseen = await api.put(`${at}/configuration?dryRun=true`, document);
    expect(foreseen.body.errors).toMatchObject([{ ...tooMany, pointer: '/upstreams/two/healthChecks/0/interval' }]);
  });

  test('include those of registered endpoints', async () => {
    const at = await tenant();
    await api.put(`${at}/upstreams/one`, checked(8));
    await api.put(`${at}/upstreams/two`, checked(0));
    const register = (id: string, more = {}) =>
      api.put(`${at}/upstreams/two/endpoints/${id}`, { address: '192.0.2.77', ttl: '1h', ...more });
    expect([(await register('a')).status, (await register('b')).status]).toEqual([201, 201]);
    const { status, body } = await register('c');
    expect([status, body.violations]).toMatchObject([422, [{ code: 'too-many-checks' }]]);
    expect((await register('a', { weight: 2 })).status).toBe(200);
    for (const changed of [checked(1), checked(0, '1s')])
      expect((await api.put(`${at}/upstreams/two`, changed)).body.violations).toMatchObject([tooMany]);
    expect((await api.put(`${at}/upstreams/two`, checked(0, '3s'))).status).toBe(200);
  });

  test.each([0, 1])('include those of registered endpoints that come back, beside %s others', async (own) => {
    const at = await tenant();
    await api.put(`${at}/upstreams/one`, checked(own, '1s'));
    await api.put(`${at}/upstreams/one`, upstream(own));
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f'])
      expect((await api.put(`${at}/upstreams/one/endpoints/${id}`, { address: '192.0.2.77', ttl: '1h' })).status).toBe(
        201,
      );
    expect((await api.put(`${at}/upstreams/one`, checked(own, '1s'))).body.violations).toMatchObject([tooMany]);
    expect((await api.post(`${at}/revisions`, { restore: 1 })).body.violations).toMatchObject([
      { code: 'too-many-checks' },
    ]);
  });

  test.skipIf(elsewhere)('may be more already: every change that adds none is written', async () => {
    const at = await tenant();
    const { settings } = api.app!.services;
    settings.checksPerSecond = 100;
    await api.put(`${at}/upstreams/one`, checked(10));
    await api.put(`${at}/upstreams/two`, checked(10));
    settings.checksPerSecond = 5;
    const statuses = [
      (await api.patch(`${at}/upstreams/one`, { labels: { team: 'a' } })).status,
      (await api.put(`${at}/upstreams/one`, checked(9))).status,
      (await api.put(`${at}/upstreams/one`, checked(10))).status,
      (await api.remove(`${at}/upstreams/two`)).status,
      (await api.post(`${at}/revisions`, { restore: 2 })).status,
    ];
    expect(statuses).toEqual([200, 200, 422, 204, 201]);
  });
});
