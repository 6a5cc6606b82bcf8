/** Ports that a fleet assigns to servers without a port number. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, harness, SHARED_FLEET } from '../harness.ts';

let api: Harness;
const range = { from: 30000, to: 30003, protocol: 'TCP' };
beforeAll(async () => {
  api = await harness();
  const portRanges = [range, { from: 40000, to: 40199, bind: 50000, protocol: 'UDP' }];
  expect((await api.post('/v1/fleets', { ...SHARED_FLEET, portRanges })).body.portRanges).toEqual(portRanges);
  for (const name of ['acme', 'other', 'third', 'fourth']) await api.post('/v1/tenants', { name });
});
afterAll(() => api.close());

const server = (name: string, protocol = 'TCP', number?: number) => ({
  port: { name, protocol, number },
  hosts: ['*'],
});
const gateway = (...servers: object[]) => ({ selector: { ingress: 'public' }, servers });
const numbers = (body: { spec: { servers: { port: { number: number } }[] } }) =>
  body.spec.servers.map(({ port }) => port.number);

test('a server without a number gets the next free port, and keeps it', async () => {
  const first = await api.put('/v1/tenants/acme/gateways/db', gateway(server('a'), server('b')));
  expect([first.status, numbers(first.body)]).toEqual([201, [30000, 30001]]);
  const other = await api.put('/v1/tenants/other/gateways/db', gateway(server('a'), server('dns', 'UDP')));
  expect(numbers(other.body)).toEqual([30002, 40000]);
  // The same body again changes nothing, in whatever order the servers are.
  const again = await api.put('/v1/tenants/acme/gateways/db', gateway(server('b'), server('a')));
  expect(numbers(again.body)).toEqual([30001, 30000]);
  expect(numbers((await api.get('/v1/tenants/acme/gateways/db')).body)).toEqual([30001, 30000]);
});

test('what the API returned can be written, and a dry run names the port', async () => {
  const { body } = await api.get('/v1/tenants/acme/gateways/db');
  expect((await api.put('/v1/tenants/acme/gateways/db', body.spec)).status).toBe(200);
  const dry = await api.put('/v1/tenants/third/gateways/db?dryRun=true', gateway(server('a')));
  expect(dry.status).toBe(200);
});

test('a whole configuration gets distinct ports, none of which it names itself', async () => {
  const gateways = { one: gateway(server('a')), two: gateway(server('b', 'TCP', 30003)) };
  const written = await api.put('/v1/tenants/third/configuration', { gateways });
  expect([written.status, written.body.violations?.[0]?.code]).toEqual([422, 'port-taken']);
  const both = {
    one: gateway(server('a', 'UDP')),
    two: gateway(server('b', 'UDP')),
    three: gateway(server('c', 'UDP', 40001)),
  };
  expect((await api.put('/v1/tenants/third/configuration', { gateways: both })).status).toBeLessThan(300);
  const { body } = await api.get('/v1/tenants/third/configuration');
  const all = ['one', 'two', 'three'].map((name) => body.gateways[name].servers[0].port.number);
  expect(all).toEqual([40002, 40003, 40001]);
});

test('a full range is a conflict, and a removed server gives its port back', async () => {
  expect(numbers((await api.put('/v1/tenants/fourth/gateways/db', gateway(server('a')))).body)).toEqual([30003]);
  const full = await api.put('/v1/tenants/third/gateways/more', gateway(server('x', 'UDP'), server('a')));
  expect([full.status, full.body.code, full.body.violations[0].path]).toEqual([409, 'port-taken', '/servers/1/port']);
  await api.put('/v1/tenants/acme/gateways/db', gateway(server('b')));
  expect(numbers((await api.put('/v1/tenants/third/gateways/more', gateway(server('a')))).body)).toEqual([30000]);
});

test('a rollback restores the port, and conflicts when another tenant has it now', async () => {
  const restore = () => api.post('/v1/tenants/acme/revisions', { restore: 1 });
  const taken = await restore();
  expect([taken.status, taken.body.code]).toEqual([409, 'port-taken']);
  await api.remove('/v1/tenants/third/gateways/more');
  expect((await restore()).status).toBeLessThan(300);
  expect(numbers((await api.get('/v1/tenants/acme/gateways/db')).body)).toEqual([30000, 30001]);
});

test('many tenants that ask at once get distinct ports', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `racer-${index}`);
  for (const name of names) await api.post('/v1/tenants', { name });
  const answers = await Promise.all(
    names.map((name) => api.put(`/v1/tenants/${name}/gateways/dns`, gateway(server('dns', 'UDP')))),
  );
  expect(answers.map(({ status }) => status)).toEqual(names.map(() => 201));
  expect(new Set(answers.flatMap(({ body }) => numbers(body))).size).toBe(40);
});

test.for([
  ['a protocol whose port tenants share', server('web', 'HTTP'), 422, '/servers/0/port/number', 'required'],
  ['a protocol without a range', server('db', 'REDIS'), 422, '/servers/0/port/number', 'no-port-range'],
  ['a number that is no port', server('db', 'TCP', 0), 422, '/servers/0/port/number', 'too-small'],
] as const)('%s is rejected', async ([, written, status, path, code]) => {
  const answer = await api.put('/v1/tenants/fourth/gateways/bad', gateway(written));
  const [violation] = answer.body.violations;
  expect([answer.status, violation.path, violation.code]).toEqual([status, path, code]);
});

test.for([
  ['ranges that overlap', [range, { ...range, from: 30002, to: 30009 }]],
  ['ranges whose bound ports overlap', [range, { from: 31000, to: 31001, bind: 30003, protocol: 'TCP' }]],
  ['a range with a port of the list', [{ from: 1, to: 100, protocol: 'TCP' }]],
  ['a range of a protocol that tenants share', [{ ...range, protocol: 'HTTP' }]],
  ['a range that ends before it begins', [{ ...range, to: 29999 }]],
] as const)('%s: the fleet is not changed', async ([, portRanges]) => {
  const answer = await api.patch('/v1/fleets/public', { portRanges });
  expect(answer.status).toBe(422);
  expect(answer.body.violations[0].path).toMatch(/^\/portRanges\/\d/);
});

test('a range that a tenant uses cannot be removed without force', async () => {
  const answer = await api.patch('/v1/fleets/public', { portRanges: [range] });
  expect([answer.status, answer.body.code]).toEqual([409, 'fleet-in-use']);
});
