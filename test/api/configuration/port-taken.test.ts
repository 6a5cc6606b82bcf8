import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, harness, SHARED_FLEET, upstream } from '../harness.ts';

let api: Harness;
const ports = [
  ...SHARED_FLEET.ports,
  { number: 5432, bind: 15432, protocol: 'POSTGRES' },
  { number: 6379, bind: 16379, protocol: 'REDIS' },
];
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', { ...SHARED_FLEET, ports });
  for (const name of ['holder', 'asker']) await api.post('/v1/tenants', { name });
  expect((await api.put('/v1/tenants/holder/gateways/db', database)).status).toBe(201);
});
afterAll(() => api.close());

const server = (number: number, protocol: string) => ({
  port: { number, name: `p${number}`, protocol },
  hosts: ['*'],
});
const database = { selector: { ingress: 'public' }, servers: [server(5432, 'POSTGRES')] };
const wanted = { selector: { ingress: 'public' }, servers: [server(6379, 'REDIS'), server(5432, 'POSTGRES')] };
const at = '/v1/tenants/asker';
const taken = {
  status: 409,
  code: 'port-taken',
  violations: [
    {
      resource: 'gateways/db',
      kind: 'gateway',
      name: 'db',
      path: '/servers/1/port/number',
      pointer: '/servers/1/port/number',
      code: 'port-taken',
      message: 'port tcp/5432 of the fleet public belongs to another tenant',
      hint: 'choose another port that the fleet offers',
    },
  ],
};

test('a port that another tenant has is a conflict, which a dry run predicts', async () => {
  const { status, body } = await api.put(`${at}/gateways/db`, wanted);
  expect({ status, code: body.code, violations: body.violations }).toEqual(taken);
  const dry = await api.put(`${at}/gateways/db?dryRun=true`, wanted);
  expect(dry.body).toMatchObject({ status: 409, code: 'port-taken', violations: taken.violations });
});

test('the port is free after its tenant gave it up, and a restore claims it again', async () => {
  expect((await api.remove('/v1/tenants/holder/gateways/db')).status).toBeLessThan(300);
  expect((await api.put(`${at}/gateways/db`, wanted)).status).toBe(201);
  const restored = await api.post('/v1/tenants/holder/revisions', { restore: 1 });
  expect([restored.status, restored.body.code]).toEqual([409, 'port-taken']);
  expect((await api.remove(`${at}/gateways/db`)).status).toBeLessThan(300);
  expect((await api.post('/v1/tenants/holder/revisions', { restore: 1 })).status).toBeLessThan(300);
  expect((await api.put(`${at}/gateways/db`, wanted)).status).toBe(409);
});

test('a removed tenant has no ports', async () => {
  await api.post('/v1/tenants', { name: 'gone' });
  const redis = { ...database, servers: [server(6379, 'REDIS')] };
  expect((await api.put('/v1/tenants/gone/gateways/db', redis)).status).toBe(201);
  expect((await api.put(`${at}/gateways/cache`, redis)).status).toBe(409);
  expect((await api.remove('/v1/tenants/gone')).status).toBeLessThan(300);
  expect((await api.put(`${at}/gateways/cache`, redis)).status).toBe(201);
});

test('a fleet cannot begin to serve a port for two tenants', async () => {
  const other = { selector: { ingress: 'internal' }, servers: [server(5432, 'POSTGRES')] };
  for (const name of ['one', 'two']) {
    await api.post('/v1/tenants', { name });
    expect((await api.put(`/v1/tenants/${name}/gateways/db`, other)).status).toBe(201);
  }
  const fleet = { name: 'internal', labels: { ingress: 'internal' }, ports };
  const created = await api.post('/v1/fleets', fleet);
  expect([created.status, created.body.code]).toEqual([409, 'port-taken']);
  expect(created.body.violations).toMatchObject([{ tenant: 'one' }, { tenant: 'two' }]);
  // Two tenants cannot keep the operator from the fleet: forced, it serves the port for neither.
  const forced = await api.post('/v1/fleets?force=true', { ...fleet, name: 'forced' });
  expect([forced.status, forced.body.stopped]).toMatchObject([
    201,
    ['one', 'two'].map((tenant) => ({ tenant, resource: 'gateways/db', path: '/servers/0/port', code: 'port-taken' })),
  ]);
  for (const name of ['one', 'two']) {
    const { spec } = (await api.get(`/v1/tenants/${name}/gateways/db`)).body;
    expect(spec.servers).toMatchObject([{ port: { number: 5432, protocol: 'HTTP' }, hosts: ['withdrawn'] }]);
  }
  expect((await api.remove('/v1/fleets/forced?force=true')).status).toBeLessThan(300);
  for (const name of ['one', 'two']) expect((await api.put(`/v1/tenants/${name}/gateways/db`, other)).status).toBe(200);
  expect((await api.remove('/v1/tenants/two/gateways/db')).status).toBeLessThan(300);
  expect((await api.post('/v1/fleets', fleet)).status).toBe(201);
  expect((await api.put('/v1/tenants/two/gateways/db', other)).status).toBe(409);
});

test('errors in rules for connections have pointers', async () => {
  const base = { gateways: ['cache'] };
  await api.put(`${at}/upstreams/named`, { port: 5432, dns: 'logical', endpoints: [{ address: 'db.example.com' }] });
  await api.put(`${at}/upstreams/db`, upstream());
  const route = [{ destination: { upstream: 'named' } }];
  const { body } = await api.put(`${at}/routes/db`, { ...base, tcp: [{ route }] });
  expect(body.violations).toMatchObject([{ path: '/tcp/0/route/0/destination/upstream', code: 'name-destination' }]);
  expect((await api.put(`${at}/routes/db`, base)).body.violations).toMatchObject([{ path: '/http', code: 'required' }]);
  const http = [{ route }];
  expect((await api.put(`${at}/routes/db`, { ...base, http })).body.violations).toMatchObject([
    { path: '/hosts', code: 'required' },
  ]);
});
