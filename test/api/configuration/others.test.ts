import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gateway, type Harness, harness, route, SHARED_FLEET, tenantWithRoute, upstream } from '../harness.ts';

let api: Harness;
let count = 0;
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

describe('PATCH', () => {
  test('200: merges, null removes', async () => {
    const at = await fresh();
    await api.patch(`${at}/upstreams/web`, { connectTimeout: '1s', labels: { team: 'a', tier: 'b' } });
    const { status, body, headers } = await api.patch(`${at}/upstreams/web`, {
      connectTimeout: null,
      labels: { team: null },
    });
    expect([status, headers.get('gatehouse-revision')]).toEqual([200, '3']);
    expect(body.spec).toEqual({ ...upstream(), labels: { tier: 'b' } });
  });

  test('422: what it makes has not the right shape', async () => {
    const at = await fresh();
    expect((await api.patch(`${at}/upstreams/web`, { port: null })).body.violations).toMatchObject([
      { pointer: '/port', code: 'required' },
    ]);
  });

  test('`__proto__` is refused, and changes nothing', async () => {
    const at = await fresh();
    const { status, body } = await api.call('PATCH', `${at}/upstreams/web`, undefined, {
      raw: '{"__proto__":{"port":1}}',
    });
    expect([status, body.violations]).toMatchObject([422, [{ pointer: '/__proto__', code: 'reserved-name' }]]);
    expect((await api.get(`${at}/upstreams/web`)).body).toMatchObject({ revision: 1, spec: upstream() });
  });

  test('404 and 412', async () => {
    const at = await fresh();
    expect((await api.patch(`${at}/upstreams/absent`, {})).status).toBe(404);
    expect((await api.patch(`${at}/upstreams/web`, {}, { headers: { 'if-match': '"r7"' } })).status).toBe(412);
  });
});

describe('DELETE', () => {
  test('409: while others refer to it, with all of them', async () => {
    const at = await fresh();
    const { status, body } = await api.remove(`${at}/upstreams/web`);
    expect([status, body.code]).toEqual([409, 'still-referenced']);
    expect(body.violations).toMatchObject([{ resource: 'routes/web', path: '/http/0/route/0/destination/upstream' }]);
  });

  test('204, then 404', async () => {
    const at = await fresh();
    const { status, headers } = await api.remove(`${at}/routes/web`);
    expect([status, headers.get('gatehouse-revision')]).toEqual([204, '2']);
    expect((await api.get(`${at}/routes/web`)).status).toBe(404);
    expect((await api.remove(`${at}/routes/web`)).status).toBe(404);
    expect((await api.remove(`${at}/upstreams/web`)).status).toBe(204);
  });

  test('412', async () => {
    const at = await fresh();
    expect((await api.remove(`${at}/routes/web`, { headers: { 'if-match': '"r7"' } })).status).toBe(412);
  });
});

describe('GET', () => {
  test('304: still the version that is held', async () => {
    const at = await fresh();
    const { headers } = await api.get(`${at}/routes/web`);
    const again = await api.get(`${at}/routes/web`, { headers: { 'if-none-match': `W/${headers.get('etag')}` } });
    expect([again.status, again.body]).toEqual([304, '']);
  });

  test('lists by pages, by prefix and by label', async () => {
    const at = await fresh();
    for (const name of ['a1', 'a2', 'a3', 'b1'])
      await api.put(`${at}/upstreams/${name}`, { ...upstream(), labels: { team: name[0]! } });
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await api.get(`${at}/upstreams?limit=2${cursor}`);
      seen.push(...body.items.map(({ name }: { name: string }) => name));
      cursor = body.next ? `&cursor=${body.next}` : '';
    } while (cursor);
    expect(seen).toEqual(['a1', 'a2', 'a3', 'b1', 'web']);
    const names = async (query: string) =>
      (await api.get(`${at}/upstreams?${query}`)).body.items.map(({ name }: { name: string }) => name);
    expect(await names('prefix=a')).toEqual(['a1', 'a2', 'a3']);
    expect(await names('label=team%3Db')).toEqual(['b1']);
    expect(await names('label=team%3Db&revision=3')).toEqual([]);
  });

  test('a page of large resources has fewer of them, and the next pages the rest', async () => {
    const at = await fresh();
    const labels = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`l${i}`, 'v'.repeat(60)]));
    const endpoints = Array.from({ length: 60 }, (_, i) => ({ address: `192.0.2.${i}`, labels }));
    for (let i = 0; i < 12; i++) await api.put(`${at}/upstreams/large${i}`, { port: 80, endpoints });
    const names: string[] = [];
    const sizes: number[] = [];
    let cursor = '';
    do {
      const { body } = await api.get(`${at}/upstreams?limit=500&prefix=large${cursor}`);
      sizes.push(JSON.stringify(body).length);
      names.push(...body.items.map(({ name }: { name: string }) => name));
      cursor = body.next ? `&cursor=${body.next}` : '';
    } while (cursor);
    expect(names).toEqual(Array.from({ length: 12 }, (_, i) => `large${i}`).sort());
    expect(Math.max(...sizes)).toBeLessThan(2_100_000);
    expect(sizes).toHaveLength(2);
  });

  test('422: a cursor that is not of this API, a limit out of bounds', async () => {
    const at = await fresh();
    expect((await api.get(`${at}/upstreams?cursor=zzz`)).status).toBe(422);
    for (const limit of ['0', '501', 'x', '-1', '1.5'])
      expect((await api.get(`${at}/upstreams?limit=${limit}`)).status, limit).toBe(422);
  });
});

describe('PUT configuration', () => {
  test('makes the whole what it says: puts, and prunes the rest', async () => {
    const at = await fresh();
    const { status, body } = await api.put(`${at}/configuration?message=shrink`, { upstreams: { other: upstream() } });
    expect([status, body.revision, body.changed]).toEqual([201, 2, true]);
    expect((await api.get(`${at}/configuration`)).body).toEqual({
      gateways: {},
      routes: {},
      upstreams: { other: upstream() },
      certificates: {},
      trustBundles: {},
    });
    expect((await api.get(`${at}/revisions/2`)).body).toMatchObject({
      message: 'shrink',
      parent: 1,
      changes: expect.arrayContaining([{ verb: 'delete', kind: 'route', name: 'web' }]),
    });
  });

  test('without prune keeps what it does not name', async () => {
    const at = await fresh();
    await api.put(`${at}/configuration?prune=false`, { upstreams: { other: upstream() } });
    const { body } = await api.get(`${at}/configuration`);
    expect([Object.keys(body.upstreams), Object.keys(body.routes)]).toEqual([['other', 'web'], ['web']]);
  });

  test('the same again makes no revision', async () => {
    const at = await fresh();
    const { body: document } = await api.get(`${at}/configuration`);
    const { status, body } = await api.put(`${at}/configuration`, document);
    expect([status, body.changed, body.revision]).toEqual([200, false, 1]);
  });

  test('412: If-Match is about the head', async () => {
    const at = await fresh();
    const etag = (await api.get(`${at}/configuration`)).headers.get('etag')!;
    const put = async (match: string) =>
      (await api.put(`${at}/configuration`, {}, { headers: { 'if-match': match } })).status;
    expect(await put(etag.replace('r1-', 'r2-'))).toBe(412);
    expect(await put(etag)).toBe(201);
  });

  test('422: pointers into the document', async () => {
    const at = await fresh();
    const { body } = await api.put(`${at}/configuration`, {
      routes: { web: route('x.test') },
      gateways: { edge: gateway('y.test') },
    });
    expect(body.violations).toMatchObject([{ pointer: '/routes/web/http/0/route/0/destination/upstream' }]);
  });
});
