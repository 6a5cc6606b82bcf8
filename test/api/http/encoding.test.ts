import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { codingFor } from '../../../api/http/encoding.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness, OPERATOR, SHARED_FLEET, tenantWithRoute, tokenFor } from '../harness.ts';
import { rawRequest } from './raw.ts';

test.each([
  [null, undefined],
  ['', undefined],
  ['gzip', 'gzip'],
  ['GZIP;q=0.5', 'gzip'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['gzip, zstd;q=0.9', 'gzip'],
  ['*', 'zstd'],
  ['*;q=0', undefined],
  ['zstd;q=0, *', 'gzip'],
  ['gzip;q=0', undefined],
  ['identity', undefined],
  ['identity;q=1, gzip;q=0.5', undefined],
  ['br', undefined],
  ['gzip;q=nonsense', undefined],
])('Accept-Encoding %j is answered with %j', (accepted, coding) => {
  expect(codingFor(accepted, ['zstd', 'gzip', 'deflate'])).toBe(coding);
});

describe('answers', () => {
  let api: Harness;
  beforeAll(async () => {
    api = await harness();
    await api.post('/v1/fleets', SHARED_FLEET);
    await tenantWithRoute(api, 'acme');
  });
  afterAll(() => api.close());

  const get = (path: string, accept?: string, token = OPERATOR) =>
    rawRequest(api.url + path, { authorization: `Bearer ${token}`, ...(accept && { 'accept-encoding': accept }) });

  test.for([
    ['gzip', gunzipSync],
    ['deflate', inflateSync],
    ['zstd', zstdDecompressSync],
  ] as const)('come as %s to who asks for it', async ([coding, open], { skip }) => {
    if (elsewhere) skip('Workers compresses by itself');
    const plain = await get('/openapi.json');
    const packed = await get('/openapi.json', coding);
    expect(plain.headers).toMatchObject({ vary: 'accept-encoding' });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(packed.headers).toMatchObject({ vary: 'accept-encoding', 'content-encoding': coding });
    expect(packed.body.length).toBeLessThan(plain.body.length / 2);
    expect(open(packed.body).toString()).toBe(plain.body.toString());
  });

  test('are compressed once when they are the same for everybody', async ({ skip }) => {
    if (elsewhere) skip('Workers compresses by itself');
    const paths = ['/openapi.json', '/docs/swagger-ui-bundle.js'];
    for (const path of paths) await get(path, 'gzip');
    const compress = vi.spyOn(api.app!.services.compression!, 'compress');
    for (const path of paths) expect((await get(path, 'gzip')).headers['content-encoding']).toBe('gzip');
    expect(compress).not.toHaveBeenCalled();
    await get('/metrics', 'gzip');
    expect(compress).toHaveBeenCalledTimes(1);
    compress.mockRestore();
  });

  test('are refused to a client without a credential that asks for many', async ({ skip }) => {
    if (elsewhere) skip('Workers serves these files by itself');
    const clock = vi.spyOn(api.app!.services, 'clock').mockReturnValue(Date.now());
    const many = await Promise.all(Array.from({ length: 800 }, () => api.get('/docs/start.js', { token: null })));
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200, 429]));
    for (const path of ['/openapi.json', '/docs', '/metrics']) {
      const { status, headers } = await api.get(path, { token: null });
      expect([path, status, headers.get('retry-after')]).toEqual([path, 429, '1']);
    }
    // Load balancers and tenants do not notice.
    for (const path of ['/healthz', '/readyz', '/v1/tenants/acme']) expect((await api.get(path)).status).toBe(200);
    clock.mockRestore();
  });

  test('come as they are when they are short', async ({ skip }) => {
    if (elsewhere) skip('Workers compresses by itself');
    const { headers, body } = await get('/v1/tenants/acme', 'gzip');
    expect(headers).not.toHaveProperty('content-encoding');
    expect(JSON.parse(body.toString())).toMatchObject({ name: 'acme' });
  });

  test('keep their ETag, which If-Match takes and If-None-Match knows', async ({ skip }) => {
    if (elsewhere) skip('Workers compresses by itself');
    const rules = Array.from({ length: 40 }, (_, i) => ({ name: `r${i}`, directResponse: { status: 200, body: 'x' } }));
    const at = '/v1/tenants/acme/routes/web';
    const spec = { hosts: ['acme.example.com'], gateways: ['edge'], http: rules };
    expect((await api.put(at, spec)).status).toBe(200);
    const { headers } = await get(at, 'gzip');
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', etag: expect.stringMatching(/^"r2-\w+"$/) });
    expect((await api.get(at, { headers: { 'if-none-match': headers.etag as string } })).status).toBe(304);
    expect((await api.put(at, spec, { headers: { 'if-match': headers.etag as string } })).status).toBe(200);
  });

  test('of the feed are never compressed: their length would tell of the keys in them', async ({ skip }) => {
    if (elsewhere) skip('Workers compresses by itself');
    const token = await tokenFor(api, '/v1/fleets/public');
    const { headers } = await get('/v1/fleets/public/feed?after=0&wait=0', 'gzip', token);
    expect(headers).not.toHaveProperty('content-encoding');
  });
});
