/**
 * One tenant, acme, tries to reach another one, victim, through every operation. What only the victim knows contains
 * the word okapi, which no response and no line of the log may contain.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../../api/app.ts';
import { type Harness, harness, SHARED_FLEET } from '../harness.ts';

const SECRET = 'okapi';
const OTHERS = 'victim';
const ABSENT = 'nobody';

let api: Harness;
let acme: string;
let victim: string;
/** The ids and names of the victim's objects, by the parameter of a path. */
const ids: Record<string, string> = {};
/** What acme and the victim were answered, with the headers. */
const told: string[] = [];

const all = operations().map(({ contract }) => contract);
const ofTenants = all.filter(({ path }) => path.startsWith('/v1/tenants/{tenant}'));
const place = (path: string, tenant: string) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === 'tenant' ? tenant : (ids[name] ?? '1')));

/** Sends a request as acme, and keeps what it learns. */
async function attack(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await api.call(method, path, body, { token: acme, headers });
  told.push(`${method} ${path} ${answer.status} ${JSON.stringify([...answer.headers])} ${JSON.stringify(answer.body)}`);
  return answer;
}
const expectNothing = () => expect(told.filter((text) => text.includes(SECRET))).toEqual([]);

const hosts = (host: string, address = 'app.internal') => ({
  gateways: {
    web: {
      selector: { ingress: 'public' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
    },
  },
  upstreams: { web: { port: 80, endpoints: [{ address }] } },
  routes: { web: { hosts: [host], gateways: ['web'], http: [{ directResponse: { status: 200, body: host } }] } },
});

beforeAll(async () => {
  api = await harness({ GATEHOUSE_DOMAIN_PROOF: 'optional', GATEHOUSE_PLATFORM_DOMAIN: 'apps.example' });
  await api.post('/v1/fleets', { ...SHARED_FLEET, denyDestinations: ['198.51.100.0/24'] });
  await api.post('/v1/tenants', { name: 'acme' });
  await api.post('/v1/tenants', { name: OTHERS, displayName: SECRET, labels: { note: SECRET } });
  const made = async (tenant: string, description: string) =>
    (await api.post(`/v1/tenants/${tenant}/tokens`, { scopes: ['admin'], description })).body;
  acme = (await made('acme', 'own')).token;
  const other = await made(OTHERS, SECRET);
  [victim, ids.id] = [other.token, other.id];
  const as = { token: victim };
  for (const [message, host] of [
    ['first', 'old'],
    ['second', 'new'],
  ]) {
    const url = `/v1/tenants/${OTHERS}/configuration?message=${SECRET}-${message}`;
    expect((await api.put(url, hosts(`${SECRET}.${host}.example`, `${SECRET}.internal`), as)).status).toBe(201);
  }
  expect((await api.put('/v1/tenants/acme/configuration', hosts('acme.example'), { token: acme })).status).toBe(201);
  const claimed = await api.post(`/v1/tenants/${OTHERS}/domains`, { name: `${SECRET}.example` }, as);
  expect(claimed.status).toBe(201);
  await api.post(`/v1/tenants/${OTHERS}/tokens`, { scopes: ['read'], description: `${SECRET} 2` });
  Object.assign(ids, {
    name: 'web',
    upstream: 'web',
    revision: '2',
    domain: 'absent.example',
    person: 'p',
    fleet: 'public',
  });
});
afterAll(() => api.close());

test.for(ofTenants.map(({ method, path }) => [method.toUpperCase(), path] as const))(
  '%s %s: the tenant of another is as absent as one that never was',
  async ([method, path]) => {
    const body = ['POST', 'PUT', 'PATCH'].includes(method) ? {} : undefined;
    const [real, absent] = [
      await attack(method, place(path, OTHERS), body),
      await attack(method, place(path, ABSENT), body),
    ];
    expect([real.status, absent.status]).toEqual([403, 403]);
    const plain = ({ requestId: _, ...rest }: object & { requestId?: string }) => JSON.stringify(rest);
    expect(plain(real.body).replaceAll(OTHERS, ABSENT)).toBe(plain(absent.body));
    expectNothing();
  },
);

describe('in a tenant of its own', () => {
  test.for(
    ofTenants
      .filter(({ path, method }) => /\{(?!tenant)/.test(path) && ['get', 'delete', 'post'].includes(method))
      .map(({ method, path }) => [method.toUpperCase(), path] as const),
  )('%s %s with an id of another tenant finds nothing', async ([method, path]) => {
    // Both tenants have resources of these names; a deletion names a version that never was.
    await attack(method, place(path, 'acme'), method === 'POST' ? {} : undefined, { 'if-match': '"never"' });
    expectNothing();
  });

  test('a token of another tenant is neither listed nor revoked', async () => {
    const { status } = await attack('DELETE', `/v1/tenants/acme/tokens/${ids.id}`);
    expect(status).toBe(404);
    expect((await api.get(`/v1/tenants/${OTHERS}`, { token: victim })).status).toBe(200);
  });

  test.for(ofTenants.filter(({ query }) => query && 'cursor' in query.shape).map(({ path }) => path))(
    '%s with the cursor of another tenant lists only what is its own',
    async (path) => {
      const page = await api.get(`${place(path, OTHERS)}?limit=1`, { token: victim });
      const cursor = page.body.next ?? btoa(`${SECRET}`);
      const { status, body } = await attack('GET', `${place(path, 'acme')}?cursor=${encodeURIComponent(cursor)}`);
      expect([200, 404, 422]).toContain(status);
      if (status === 200) expect(JSON.stringify(body.items)).not.toContain(OTHERS);
      expectNothing();
    },
  );

  test('a cursor that the API did not issue is refused, or lists only what is its own', async () => {
    const keys = [
      '%',
      '%FF',
      "' or 1=1 --",
      '-1',
      '1e999',
      '9'.repeat(30),
      '/',
      '{}',
      'x'.repeat(300),
      `${OTHERS}/web`,
    ];
    const cursors = [...keys.map((key) => btoa(`1:${key}`)), btoa('2:a'), btoa('1:'), '%%%', 'ä', '='];
    const lists = all.filter(({ query, path }) => query && 'cursor' in query.shape && !path.includes('{fleet}'));
    expect(lists.length).toBeGreaterThan(10);
    const nodes = all.find(({ operationId }) => operationId === 'listNodes')!;
    for (const { path } of [...lists, nodes])
      for (const cursor of cursors) {
        const url = `${place(path, 'acme')}?cursor=${encodeURIComponent(cursor)}`;
        const isOwn = path.includes('{tenant}');
        const { status, body } = isOwn ? await attack('GET', url) : await api.get(url);
        expect([200, 404, 422], `${url} ${JSON.stringify(body)}`).toContain(status);
        if (status === 200 && isOwn) expect(JSON.stringify(body)).not.toContain(OTHERS);
      }
    expectNothing();
  });

  test('the key of another tenant’s request repeats nothing', async () => {
    const body = { scopes: ['read'], description: SECRET };
    const headers = { 'idempotency-key': 'shared-key' };
    const first = await api.post(`/v1/tenants/${OTHERS}/tokens`, body, { token: victim, headers });
    const own = await attack('POST', '/v1/tenants/acme/tokens', { ...body, description: 'own' }, headers);
    expect([first.status, own.status]).toEqual([201, 201]);
    expect(own.body.token).not.toBe(first.body.token);
    expectNothing();
  });

  test('the ETag of another tenant’s resource is no version of its own', async () => {
    const etag = (await api.get(`/v1/tenants/${OTHERS}/routes/web`, { token: victim })).headers.get('etag')!;
    const { status } = await attack('GET', '/v1/tenants/acme/routes/web', undefined, { 'if-none-match': etag });
    expect(status).toBe(200);
    // A write that names it is refused like one that names a version that never was.
    const refused = [];
    for (const version of [etag.replace(/\d+/, (revision) => String(Number(revision) + 40)), '"never"']) {
      const before = (await api.get('/v1/tenants/acme')).body.revision;
      for (const [method, body] of [
        ['PUT', hosts('acme.example').routes.web],
        ['PATCH', {}],
        ['DELETE', undefined],
      ] as const) {
        const answer = await attack(method, '/v1/tenants/acme/routes/web', body, { 'if-match': version });
        refused.push([method, answer.status, answer.body.code, answer.body.detail]);
      }
      expect((await api.get('/v1/tenants/acme')).body.revision).toBe(before);
    }
    expect(refused.slice(0, 3)).toEqual(refused.slice(3));
    expect(refused.map(([, code]) => code)).toEqual(Array(6).fill(412));
    expectNothing();
  });

  /** Every place in a configuration that can name something of another tenant. */
  const references: Record<string, (name: string) => [kind: string, spec: object]> = {
    'a shared gateway': (name) => ['routes', { ...hosts('x.example').routes.web, gateways: [name] }],
    'a destination': (name) => [
      'routes',
      { hosts: ['acme.example'], gateways: ['web'], http: [{ route: [{ destination: { upstream: name } }] }] },
    ],
    'a mirror': (name) => [
      'routes',
      {
        hosts: ['acme.example'],
        gateways: ['web'],
        http: [{ route: [{ destination: { upstream: 'web' } }], mirrors: [{ destination: { upstream: name } }] }],
      },
    ],
    'a delegate': (name) => [
      'routes',
      {
        hosts: ['acme.example'],
        gateways: ['web'],
        http: [{ match: [{ uri: { pathPrefix: '/a' } }], delegate: { route: name } }],
      },
    ],
    'a certificate of a server': (name) => [
      'gateways',
      {
        selector: { ingress: 'public' },
        servers: [
          {
            port: { number: 443, name: 'https', protocol: 'HTTPS' },
            hosts: ['acme.example'],
            tls: { mode: 'SIMPLE', credentialName: name },
          },
        ],
      },
    ],
    'a trust bundle of a server': (name) => [
      'gateways',
      {
        selector: { ingress: 'public' },
        servers: [
          {
            port: { number: 443, name: 'https', protocol: 'HTTPS' },
            hosts: ['acme.example'],
            tls: { mode: 'MUTUAL', credentialName: 'own', caCertificates: name },
          },
        ],
      },
    ],
    'a certificate of an upstream': (name) => [
      'upstreams',
      { port: 443, endpoints: [{ address: '203.0.113.1' }], tls: { sni: 'a.example', credentialName: name } },
    ],
    'a trust bundle of an upstream': (name) => [
      'upstreams',
      { port: 443, endpoints: [{ address: '203.0.113.1' }], tls: { sni: 'a.example', caCertificates: name } },
    ],
  };
  test.for(Object.entries(references))('%s of another tenant is as absent as one that never was', async ([, of]) => {
    const answers = [];
    for (const name of [`${OTHERS}/web`, `${OTHERS}/gone`, `${ABSENT}/web`]) {
      const [kind, spec] = of(name);
      const { status, body } = await attack('PUT', `/v1/tenants/acme/${kind}/probe?dryRun=true`, spec);
      const { requestId: _, ...rest } = body;
      answers.push(JSON.stringify([status, rest]).replaceAll(name, 'NAME'));
    }
    expect(answers[0]).toMatch(/^\[4/);
    expect(new Set(answers).size).toBe(1);
    expectNothing();
  });
});

describe('a parent of another tenant', () => {
  const NAMES = [`${OTHERS}/web`, `${OTHERS}/gone`, `${OTHERS}/*`, `${ABSENT}/web`];
  const child = (parent: string) => ({
    parents: [parent],
    http: [{ match: [{ uri: { pathPrefix: '/child' } }], directResponse: { status: 200 } }],
  });

  /** Returns everything that a tenant of its own learns from a route with this parent. */
  async function seen(tenant: string, parent: string): Promise<string> {
    const at = `/v1/tenants/${tenant}`;
    const answers: unknown[] = [];
    const ask = async (method: string, path: string, sent?: unknown, headers: Record<string, string> = {}) => {
      const { status, body } = await api.call(method, at + path, sent, { headers });
      answers.push([status, body]);
    };
    await api.post('/v1/tenants', { name: tenant });
    const upstream = { port: 80, endpoints: [{ address: 'app.internal' }] };
    await ask('PUT', '/upstreams/web', upstream);
    await ask('PUT', '/routes/child?dryRun=true', child(parent));
    await ask('PUT', '/routes/child', child(parent), { prefer: 'wait=2' });
    const question = { authority: `${SECRET}.new.example`, path: '/child' };
    for (const _ of ['its route', 'its route, which is gone']) {
      await ask('PUT', '/upstreams/web/endpoints/one', { address: '198.51.100.1', ttl: '1h' });
      for (const path of ['/revisions/2/status', '/revisions', '/usage', '/revisions/2/diff?from=1'])
        await ask('GET', path);
      await ask('POST', '/explain', question);
      await ask('POST', '/explain', { ...question, configuration: { routes: { child: child(parent) } } });
      await ask('POST', '/explain', { ...question, fleet: 'public' });
      await ask('DELETE', '/routes/child', undefined, { prefer: 'wait=2' });
      await ask('GET', '/revisions/3/status');
    }
    const isVolatile = (key: string, value: unknown) =>
      /^(requestId|updatedAt|createdAt|registeredAt|expiresAt|contentHash)$/.test(key) ? undefined : value;
    return JSON.stringify(answers, isVolatile).replaceAll(parent, 'PARENT').replaceAll(tenant, 'TENANT');
  }

  test('is as absent as one that never was, until it delegates to the route', async () => {
    const all = [];
    for (const [index, name] of NAMES.entries()) all.push(await seen(`probe-${index}`, name));
    for (const each of all) expect(each).toEqual(all.at(-1));
    expect(all[0]).toContain('"state":"unserved"');

    expect((await api.put('/v1/tenants/agreed/routes/child', child(`${OTHERS}/web`))).status).toBe(404);
    await api.post('/v1/tenants', { name: 'agreed' });
    await api.put('/v1/tenants/agreed/routes/child', child(`${OTHERS}/web`));
    const { http, ...parent } = hosts(`${SECRET}.new.example`).routes.web;
    const delegating = { match: [{ uri: { pathPrefix: '/child' } }], delegate: { route: 'agreed/child' } };
    const delegated = await api.put(`/v1/tenants/${OTHERS}/routes/web`, { ...parent, http: [delegating, ...http] });
    expect([delegated.status, delegated.body.violations]).toEqual([200, undefined]);
    const { body } = await api.get('/v1/tenants/agreed/revisions/1/status');
    expect(body).toMatchObject({ state: 'pending', fleets: [{ fleet: 'public' }] });
    // It admits one route, and another one of the same tenant learns no more than before.
    expect(await seen('probe', `${OTHERS}/web`)).toEqual(all[0]);
  });
});

test('a host of another tenant is refused without its name, its domain or anything else', async () => {
  for (const host of [`${SECRET}.new.example`, `*.new.example`, `x.${SECRET}.new.example`, `OKAPI.new.example.`]) {
    const { status, body } = await api.put('/v1/tenants/acme/configuration', hosts(host), { token: acme });
    if (status < 300) continue;
    expect([status, JSON.stringify(body)]).toEqual([409, expect.not.stringContaining(OTHERS)]);
  }
});

test('tokens are accepted in no URL, and appear in no line of the log', async () => {
  for (const name of ['token', 'access_token', 'authorization']) {
    const { status } = await api.call('GET', `/v1/tenants/acme?${name}=${acme}`, undefined, { token: null });
    expect(status).toBe(401);
  }
  for (const token of [acme, victim]) expect(api.logged().filter((line) => line.includes(token))).toEqual([]);
});

test('metrics, which everybody may read, name no tenant', async () => {
  const { status, body } = await api.get('/metrics', { token: null });
  if (status === 200) for (const word of [SECRET, OTHERS, 'acme']) expect(body).not.toContain(word);
});
