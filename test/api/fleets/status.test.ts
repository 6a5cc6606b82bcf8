import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, harness, upstream } from '../harness.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness();
});
afterAll(() => api.close());

const fleet = (name: string, more: object = {}) => ({
  name,
  labels: { on: 'edge' },
  ports: [{ number: 80, bind: 10080, protocol: 'HTTP' }],
  denyDestinations: [],
  ...more,
});

test('a revision’s status shows which endpoints a serving fleet denies', async () => {
  for (const name of ['a', 'b']) await api.post('/v1/fleets', fleet(name));
  await api.post('/v1/fleets', fleet('elsewhere', { labels: { on: 'other' }, denyDestinations: ['0.0.0.0/0'] }));
  await api.post('/v1/tenants', { name: 'acme' });
  const many = Array.from({ length: 120 }, (_, index) => ({ address: `10.9.0.${index}` }));
  const servers = [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['a.example.com'] }];
  const applied = await api.put('/v1/tenants/acme/configuration', {
    gateways: { edge: { selector: { on: 'edge' }, servers } },
    upstreams: {
      inner: { port: 80, endpoints: [{ address: 'example.com' }, { address: '127.0.0.1' }, { address: '10.0.0.1' }] },
      many: { port: 80, endpoints: many },
      web: upstream(),
    },
  });
  expect(applied.status).toBe(201);
  const upstreams = async () => (await api.get('/v1/tenants/acme/revisions/1/status')).body.upstreams;
  expect(await upstreams()).toEqual([]);

  await api.patch('/v1/fleets/a?force=true', { denyDestinations: ['127.0.0.0/8', '10.9.0.0/16'] });
  await api.patch('/v1/fleets/b?force=true', { denyDestinations: ['127.0.0.1'] });
  const [inner, listed, ...others] = await upstreams();
  const path = '/endpoints/1/address';
  expect(inner).toEqual({
    name: 'inner',
    unserved: [
      { path, fleet: 'a', reason: 'the fleet a sends nothing to 127.0.0.0/8, which contains 127.0.0.1' },
      { path, fleet: 'b', reason: 'the fleet b sends nothing to 127.0.0.1, which contains 127.0.0.1' },
    ],
  });
  expect([listed.name, listed.unserved.length, listed.moreUnserved, others]).toEqual(['many', 100, 20, []]);

  for (const name of ['a', 'b']) await api.patch(`/v1/fleets/${name}`, { denyDestinations: [] });
  expect(await upstreams()).toEqual([]);
});
