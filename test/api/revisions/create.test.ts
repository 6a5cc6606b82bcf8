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

test('201: several puts and deletes are one revision', async () => {
  const at = await fresh();
  const { status, headers, body } = await api.post(`${at}/revisions`, {
    message: 'swap',
    puts: [
      { kind: 'upstream', name: 'next', spec: upstream('10.2.0.1') },
      {
        kind: 'route',
        name: 'web',
        spec: { ...route('a.test'), http: [{ route: [{ destination: { upstream: 'next' } }] }] },
      },
    ],
    deletes: [{ kind: 'upstream', name: 'web' }],
  });
  expect([status, body.revision, headers.get('location')]).toEqual([201, 2, `${at}/revisions/2`]);
  expect(body.warnings).toMatchObject([
    { code: 'unbound-host', resource: 'routes/web', pointer: '/puts/1/spec/hosts/0' },
  ]);
  expect(body.diff).toContainEqual({
    resource: 'routes/web',
    path: '/hosts/0',
    operation: 'replace',
    before: `t${count}.example.com`,
    after: 'a.test',
  });
  expect((await api.get(`${at}/revisions/2`)).body).toMatchObject({ message: 'swap', parent: 1 });
  expect((await api.get(`${at}/revisions/1/configuration`)).body.upstreams).toEqual({ web: upstream() });
});

describe('a dry run', () => {
  test('200: says everything, writes nothing', async () => {
    const at = await fresh();
    const { status, body } = await api.post(`${at}/revisions`, {
      dryRun: true,
      puts: [
        { kind: 'route', name: 'web', spec: { ...route('a.test'), gateways: ['nope'] } },
        { kind: 'upstream', name: 'bad', spec: { prt: 1 } },
      ],
    });
    expect([status, body.dryRun, body.revision]).toEqual([200, true, 2]);
    const pointers = body.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(pointers).toEqual(
      expect.arrayContaining(['/puts/0/spec/gateways/0', '/puts/1/spec/prt', '/puts/1/spec/port']),
    );
    expect((await api.get(at)).body.revision).toBe(1);
  });

  test('finds what the publish finds', async () => {
    const at = await fresh();
    const change = { puts: [{ kind: 'gateway', name: 'edge', spec: gateway('*') }] };
    const dry = await api.post(`${at}/revisions`, { ...change, dryRun: true });
    const real = await api.post(`${at}/revisions`, change);
    expect(real.body.violations).toEqual(dry.body.errors);
  });

  test('names a host that another tenant claims', async () => {
    const theirs = await fresh();
    const { hosts } = (await api.get(`${theirs}/gateways/edge`)).body.spec.servers[0];
    const at = await fresh();
    const change = { puts: [{ kind: 'gateway', name: 'more', spec: gateway(hosts[0]) }] };
    const dry = await api.post(`${at}/revisions`, { ...change, dryRun: true });
    expect([dry.status, dry.body.errors[0].code, dry.body.errors[0].message]).toEqual([
      200,
      'host-taken',
      `${hosts[0]} belongs to another tenant, or overlaps a host that does`,
    ]);
    const real = await api.post(`${at}/revisions`, change);
    expect([real.status, real.body.violations]).toEqual([409, dry.body.errors]);
  });
});

describe('restore', () => {
  test.each([
    ['the query', '?dryRun=true', {}],
    ['the body', '', { dryRun: true }],
    ['the body, whatever the query says', '?dryRun=false', { dryRun: true }],
  ])('a dry run with dryRun in %s changes nothing', async (_, query, more) => {
    const at = await fresh();
    const { revision } = (await api.get(at)).body;
    const { status, body } = await api.post(`${at}/revisions${query}`, { restore: 1, ...more });
    expect([status, body.dryRun]).toEqual([200, true]);
    expect((await api.get(at)).body.revision).toBe(revision);
  });

  test('201: is a revision of its own, with the same content', async () => {
    const at = await fresh();
    await api.put(`${at}/configuration`, {});
    const { status, body } = await api.post(`${at}/revisions`, { restore: 1 });
    expect([status, body.revision]).toEqual([201, 3]);
    const [first, third] = [await api.get(`${at}/revisions/1`), await api.get(`${at}/revisions/3`)];
    expect(third.body).toMatchObject({
      restores: 1,
      contentHash: first.body.contentHash,
      message: 'restore revision 1',
    });
    expect((await api.get(`${at}/configuration`)).body).toEqual((await api.get(`${at}/configuration?revision=1`)).body);
  });

  test('422: a revision there is not, or changes besides', async () => {
    const at = await fresh();
    expect((await api.post(`${at}/revisions`, { restore: 9 })).body.violations).toMatchObject([
      { code: 'unknown-revision' },
    ]);
    expect(
      (await api.post(`${at}/revisions`, { restore: 1, deletes: [{ kind: 'route', name: 'web' }] })).body.violations,
    ).toMatchObject([{ code: 'exclusive' }]);
  });
});

test('422: what is deleted must be there, and nothing is written twice', async () => {
  const at = await fresh();
  const web = { kind: 'upstream', name: 'web', spec: upstream() };
  const { status, body } = await api.post(`${at}/revisions`, {
    puts: [web, web],
    deletes: [{ kind: 'route', name: 'absent' }],
  });
  expect(status).toBe(422);
  expect(body.violations).toMatchObject([
    { code: 'duplicate', pointer: '/puts/1/spec' },
    { code: 'not-found', pointer: '/deletes/0' },
  ]);
});

test('412: If-Match is about the head', async () => {
  const at = await fresh();
  expect((await api.post(`${at}/revisions`, { restore: 1 }, { headers: { 'if-match': '"r2"' } })).status).toBe(412);
});

test('lists newest first, by pages', async () => {
  const at = await fresh();
  for (let i = 1; i <= 4; i++) await api.put(`${at}/upstreams/web`, upstream(`10.3.0.${i}`));
  const first = await api.get(`${at}/revisions?limit=3`);
  const second = await api.get(`${at}/revisions?limit=3&cursor=${first.body.next}`);
  const numbers = (body: { items: { number: number }[] }) => body.items.map(({ number }) => number);
  expect([numbers(first.body), numbers(second.body), second.body.next]).toEqual([[5, 4, 3], [2, 1], undefined]);
});

test('equal configurations have equal hashes, whatever the way there', async () => {
  const at = await fresh();
  await api.put(`${at}/upstreams/web`, upstream('10.4.0.1'));
  await api.put(`${at}/upstreams/web`, upstream());
  const hash = async (n: number) => (await api.get(`${at}/revisions/${n}`)).body.contentHash;
  expect(await hash(3)).toBe(await hash(1));
  expect(await hash(2)).not.toBe(await hash(1));
});
