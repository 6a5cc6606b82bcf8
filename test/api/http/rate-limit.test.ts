import { expect, test } from 'vitest';
import { RateLimit } from '../../../api/http/rate-limit.ts';
import { harness } from '../harness.ts';

test('a clock that is set back refuses nobody who is within the limit', () => {
  const rate = new RateLimit(10, 20);
  const now = 1_700_000_000_000;
  rate.count('one', now);
  for (const back of [1_000, 60_000]) expect(() => rate.count('one', now - back)).not.toThrow();
});

test('a tenant that writes much in a short time must wait, and nothing is written', async () => {
  const api = await harness({ GATEHOUSE_WRITE_RATE: '1', GATEHOUSE_WRITE_BURST: '100' });
  for (const name of ['a', 'b']) await api.post('/v1/tenants', { name });
  const put = (tenant: string, count: number) => {
    const endpoints = Array.from({ length: count }, (_, i) => ({ address: `10.0.0.${i}` }));
    return api.put(`/v1/tenants/${tenant}/upstreams/web`, { port: 80, endpoints });
  };
  expect((await put('a', 9)).status).toBe(201);
  const refused = await put('a', 1);
  expect([refused.status, refused.body.code]).toEqual([429, 'too-many-requests']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
  expect((await api.post('/v1/tenants/a/revisions', { deletes: [{ kind: 'upstream', name: 'web' }] })).status).toBe(
    429,
  );
  expect((await api.get('/v1/tenants/a')).body.revision).toBe(1);
  // What writes nothing is not limited, nor is another tenant.
  expect((await put('a', 9)).status).toBe(200);
  expect((await put('b', 1)).status).toBe(201);
  await api.close();
});
