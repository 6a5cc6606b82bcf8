import { afterAll, beforeAll, expect, test } from 'vitest';
import { gateway, type Harness, harness, SHARED_FLEET, tenantWithRoute } from '../harness.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 'holder', '*.held.example.com');
  await api.post('/v1/tenants', { name: 'asker' });
  expect((await api.put(`${at}/gateways/edge`, gateway('own.example.com'))).status).toBe(201);
});
afterAll(() => api.close());

const at = '/v1/tenants/asker';
const spec = {
  ...gateway('free.example.com', 'a.held.example.com'),
  servers: [
    ...gateway('free.example.com', 'A.held.example.com').servers,
    { port: { number: 80, name: 'more', protocol: 'HTTP' }, hosts: ['b.held.example.com'] },
  ],
};
const places = ['/servers/0/hosts/1', '/servers/1/hosts/0'];
const violations = (prefix: string | undefined, name: string) =>
  ['a', 'b'].map((label, index) => ({
    resource: `gateways/${name}`,
    kind: 'gateway',
    name,
    path: places[index],
    ...(prefix !== undefined && { pointer: prefix + places[index] }),
    code: 'host-taken',
    message: `${label}.held.example.com belongs to another tenant, or overlaps a host that does`,
  }));

test.for([
  ['PUT', '', 'new', () => api.put(`${at}/gateways/new`, spec)],
  ['PATCH', '', 'edge', () => api.patch(`${at}/gateways/edge`, { servers: spec.servers })],
  [
    'a revision',
    '/puts/1/spec',
    'new',
    () =>
      api.post(`${at}/revisions`, {
        puts: [
          { kind: 'gateway', name: 'other', spec: gateway('other.example.com') },
          { kind: 'gateway', name: 'new', spec },
        ],
      }),
  ],
  [
    'a configuration',
    '/gateways/new',
    'new',
    () => api.put(`${at}/configuration`, { gateways: { edge: gateway('own.example.com'), new: spec } }),
  ],
] as const)('%s: a taken host is shown where it is written', async ([, prefix, name, write]) => {
  const { status, body } = await write();
  expect([status, body.code, body.violations]).toEqual([409, 'host-taken', violations(prefix, name)]);
});

test('a dry run shows the same', async () => {
  const puts = [{ kind: 'gateway', name: 'new', spec }];
  const { body } = await api.post(`${at}/revisions`, { puts, dryRun: true });
  expect(body.errors).toEqual(violations('/puts/0/spec', 'new'));
});

test('a restored gateway is named, without a place in the body', async () => {
  const name = 'giver';
  await tenantWithRoute(api, name);
  await api.put(`/v1/tenants/${name}/configuration`, {});
  expect((await api.put(`${at}/gateways/heir`, gateway(`${name}.example.com`))).status).toBe(201);
  const { status, body } = await api.post(`/v1/tenants/${name}/revisions`, { restore: 1 });
  expect([status, body.violations]).toEqual([
    409,
    [
      {
        resource: 'gateways/edge',
        kind: 'gateway',
        name: 'edge',
        path: '/servers/0/hosts/0',
        code: 'host-taken',
        message: `${name}.example.com belongs to another tenant, or overlaps a host that does`,
      },
    ],
  ]);
});
