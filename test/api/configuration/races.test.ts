import { afterAll, beforeAll, expect, test } from 'vitest';
import { gateway, type Harness, harness, SHARED_FLEET, tenantWithRoute, upstream } from '../harness.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 'acme');
});
afterAll(() => api.close());

test('many writers of one tenant all succeed, each with a revision of its own', async () => {
  const answers = await Promise.all(
    Array.from({ length: 64 }, (_, i) => api.put(`/v1/tenants/acme/upstreams/u${i}`, upstream())),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  const revisions = answers.map(({ headers }) => Number(headers.get('gatehouse-revision')));
  expect(revisions.sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => i + 2));
  const { body } = await api.get('/v1/tenants/acme/upstreams?limit=500');
  expect(body.items).toHaveLength(65);
});

test('of many with the same If-Match, one wins', async () => {
  const { headers } = await api.get('/v1/tenants/acme/upstreams/web');
  const match = { headers: { 'if-match': headers.get('etag')! } };
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, i) => api.put('/v1/tenants/acme/upstreams/web', upstream(`10.1.0.${i + 1}`), match)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 15 }, () => 412)]);
});

test('of two tenants that want one host, one gets it', async () => {
  const names = ['left', 'right'];
  for (const name of names) await api.post('/v1/tenants', { name });
  const answers = await Promise.all(
    names.map((name) => api.put(`/v1/tenants/${name}/gateways/edge`, gateway('wanted.example.org'))),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  const loser = names[answers.findIndex(({ status }) => status === 409)]!;
  const winner = names.find((name) => name !== loser)!;
  expect((await api.remove(`/v1/tenants/${winner}/gateways/edge`)).status).toBe(204);
  expect((await api.put(`/v1/tenants/${loser}/gateways/edge`, gateway('wanted.example.org'))).status).toBe(201);
});

test('a writer that built on one that failed is judged again', async () => {
  // Both are judged before either is written; the first is refused by the host guard, inside the batch.
  await tenantWithRoute(api, 'holder', 'held.example.org');
  const [refused, written] = await Promise.all([
    api.put('/v1/tenants/acme/gateways/greedy', gateway('held.example.org')),
    api.put('/v1/tenants/acme/upstreams/after', upstream()),
  ]);
  expect([refused.status, written.status]).toEqual([409, 201]);
  expect((await api.get('/v1/tenants/acme/gateways/greedy')).status).toBe(404);
  expect((await api.get('/v1/tenants/acme/upstreams/after')).status).toBe(200);
});
