import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gateway, type Harness, harness, route, upstream } from '../harness.ts';

let api: Harness;
let count = 0;
beforeAll(async () => {
  api = await harness();
});
afterAll(() => api.close());

/**
 * A tenant on a fleet of its own name that then stops offering port 81, to deny 10.9.0.0/16, and to serve `*` and
 * `*.co.uk`: each is an error of the head that the tenant did not make.
 */
async function tenantWithOldErrors() {
  const name = `w${++count}`;
  const at = `/v1/tenants/${name}`;
  const fleet = `/v1/fleets/${name}`;
  await api.post('/v1/tenants', { name });
  const ports = [80, 81].map((number) => ({ number, bind: number + 10_000, protocol: 'HTTP' }));
  await api.post('/v1/fleets', { name, tenant: name, labels: { on: name }, ports, denyDestinations: [] });
  const on = (port: number, ...hosts: string[]) => ({
    selector: { on: name },
    servers: [{ port: { number: port, name: 'http', protocol: 'HTTP' }, hosts }],
  });
  const applied = await api.put(`${at}/configuration`, {
    gateways: {
      edge: on(80, `${name}.example.com`),
      old: on(81, `old.${name}.example.com`),
      all: on(80, '*', '*.co.uk'),
    },
    upstreams: { web: upstream(), inner: upstream('10.9.0.1') },
    routes: { web: route(`${name}.example.com`) },
  });
  expect(applied.status).toBe(201);
  const changed = await api.patch(`${fleet}?force=true`, {
    tenant: null,
    ports: ports.slice(0, 1),
    denyDestinations: ['10.9.0.0/16'],
  });
  expect(changed.status).toBe(200);
  return { name, at, on };
}

const OLD = ['destination-denied', 'port-not-offered', 'public-suffix', 'wildcard-on-shared-fleet'];
const codesOf = (violations: { code: string }[]) => violations.map(({ code }) => code).sort();

describe('a tenant whose head has errors that a fleet made', () => {
  test('still writes, one resource at a time: what it does not touch, and what it makes no worse', async () => {
    const { name, at, on } = await tenantWithOldErrors();
    const statuses = [
      (await api.put(`${at}/upstreams/web`, upstream('10.0.0.2'))).status,
      (await api.patch(`${at}/routes/web`, { labels: { team: 'a' } })).status,
      (await api.put(`${at}/routes/web`, route(`${name}.example.com`, '9s'))).status,
      (await api.put(`${at}/gateways/edge`, on(80, `${name}.example.com`, `www.${name}.example.com`))).status,
      (await api.put(`${at}/upstreams/more`, upstream())).status,
      (await api.remove(`${at}/upstreams/more`)).status,
      // The resource with the error, without a new one.
      (await api.patch(`${at}/gateways/old`, { labels: { team: 'a' } })).status,
      (await api.patch(`${at}/upstreams/inner`, { endpoints: [{ address: '10.0.0.3' }, { address: '10.9.0.1' }] }))
        .status,
    ];
    expect(statuses).toEqual([200, 200, 200, 200, 201, 204, 200, 200]);
  });

  test('still writes several resources at once, and gets the old errors as warnings', async () => {
    const { at } = await tenantWithOldErrors();
    const change = { puts: [{ kind: 'upstream', name: 'web', spec: upstream('10.0.0.4') }] };
    for (const dryRun of [true, false]) {
      const made = await api.post(`${at}/revisions`, { ...change, dryRun });
      expect([made.status, made.body.errors]).toEqual([dryRun ? 200 : 201, []]);
      expect(codesOf(made.body.warnings)).toEqual(OLD);
    }
    const whole = (await api.get(`${at}/configuration`)).body;
    whole.upstreams.web.port = 9081;
    const applied = await api.put(`${at}/configuration`, whole);
    expect([applied.status, codesOf(applied.body.warnings)]).toEqual([201, OLD]);
  });

  test('makes nothing worse', async () => {
    const { name, at, on } = await tenantWithOldErrors();
    const codes = async (path: string, body: object) => codesOf((await api.put(at + path, body)).body.violations);
    expect(await codes('/gateways/more', on(81, `more.${name}.example.com`))).toEqual(['port-not-offered']);
    expect(await codes('/gateways/more', on(80, '*'))).toEqual(['wildcard-on-shared-fleet']);
    expect(await codes('/gateways/all', on(80, '*', '*.co.uk', '*.dev'))).toEqual(['public-suffix']);
    expect(await codes('/upstreams/more', upstream('10.9.0.1'))).toEqual(['destination-denied']);
    expect(await codes('/upstreams/inner', upstream('10.9.0.2'))).toEqual(['destination-denied']);
    // Only new errors reject a revision.
    const made = await api.post(`${at}/revisions`, {
      puts: [
        { kind: 'upstream', name: 'more', spec: upstream('10.9.0.1') },
        { kind: 'upstream', name: 'web', spec: upstream('10.0.0.5') },
      ],
    });
    expect([made.status, made.body.violations.map(({ pointer }: { pointer?: string }) => pointer)]).toEqual([
      422,
      ['/puts/0/spec/endpoints/0/address'],
    ]);
  });

  test('repairs one error of several', async () => {
    const { at } = await tenantWithOldErrors();
    expect((await api.put(`${at}/upstreams/inner`, upstream('10.0.0.6'))).status).toBe(200);
    expect((await api.remove(`${at}/gateways/all`)).status).toBe(204);
    const { warnings } = (await api.post(`${at}/revisions`, { dryRun: true })).body;
    expect(codesOf(warnings)).toEqual(['port-not-offered']);
  });

  test('an earlier revision that had other errors cannot be restored, one with the same can', async () => {
    const { at } = await tenantWithOldErrors();
    expect((await api.remove(`${at}/gateways/all`)).status).toBe(204);
    expect((await api.put(`${at}/upstreams/web`, upstream('10.0.0.7'))).status).toBe(200);
    expect((await api.post(`${at}/revisions`, { restore: 2 })).status).toBe(201);
    const back = await api.post(`${at}/revisions`, { restore: 1 });
    expect([back.status, codesOf(back.body.violations)]).toEqual([422, ['public-suffix', 'wildcard-on-shared-fleet']]);
  });
});

test('an error that another resource would make is as new as any', async () => {
  const name = `w${++count}`;
  await api.post('/v1/fleets', {
    name,
    labels: { on: name },
    ports: [{ number: 80, bind: 10080, protocol: 'HTTP' }],
    denyDestinations: ['10.0.0.0/8'],
  });
  await api.post('/v1/tenants', { name });
  const at = `/v1/tenants/${name}`;
  // No fleet serves the tenant, so nothing denies its upstream.
  expect((await api.put(`${at}/upstreams/web`, upstream())).status).toBe(201);
  const selecting = { ...gateway(`${name}.example.com`), selector: { on: name } };
  const { status, body } = await api.put(`${at}/gateways/edge`, selecting);
  expect([status, body.violations[0].resource, body.violations[0].code]).toEqual([
    422,
    'upstreams/web',
    'destination-denied',
  ]);
});
