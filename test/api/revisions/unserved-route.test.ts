import { afterAll, beforeAll, expect, test } from 'vitest';
import { gateway, type Harness, harness, route, SHARED_FLEET, tenantWithRoute } from '../harness.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 't1');
});
afterAll(() => api.close());

test('a write of a route that no fleet serves has a warning, though another gateway is served', async () => {
  const at = '/v1/tenants/t1';
  const away = { ...gateway('away.t1.example.org'), selector: { ingress: 'nowhere' } };
  expect((await api.put(`${at}/gateways/away`, away)).status).toBe(201);
  const unserved = { ...route('away.t1.example.org'), gateways: ['away'] };
  const written = await api.put(`${at}/routes/away`, unserved);
  expect(written.body.warnings).toMatchObject([
    { resource: 'routes/away', path: '/gateways', code: 'no-fleet', message: expect.stringContaining('is not served') },
  ]);
  const served = await api.put(`${at}/routes/away`, {
    ...unserved,
    hosts: ['t1.example.com'],
    gateways: ['away', 'edge'],
  });
  expect(served.body.warnings.filter(({ code }: { code: string }) => code === 'no-fleet')).toEqual([]);
});
