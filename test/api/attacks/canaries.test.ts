/**
 * Everything that one tenant, acme, has written contains the word okapi: names, hosts, texts, addresses and labels. Another
 * tenant on the same fleet and the same shared gateway, and a client without a credential, use every operation, also in
 * ways that collide with what acme has. Nothing that they get, and no line of the log about them, contains the word.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../../api/app.ts';
import { issue } from '../certificates/authority.ts';
import { elsewhere } from '../engine.ts';
import { enrolRequest } from '../fleets/enrolled.ts';
import { type Harness, harness, SHARED_FLEET } from '../harness.ts';

const CANARY = 'okapi';
const ACME = `${CANARY}-inc`;
const RIVAL = 'rival';
/** A host of acme on the gateway of the platform. Other hosts below the platform domain belong to tenants by name. */
const HOST = 'shared.sites.example';

let api: Harness;
let acme: string;
let rival: string;
/** What the rival and the anonymous client got, and the ids of their requests. */
const told: string[] = [];
const requestIds = new Set<string>();

async function ask(method: string, path: string, body?: unknown, token: string | null = rival, headers = {}) {
  const answer = await api.call(method, path, body, { token, headers });
  const text = JSON.stringify(answer.body);
  told.push(`${method} ${path} ${answer.status} ${JSON.stringify([...answer.headers])} ${text}`);
  requestIds.add(answer.headers.get('x-request-id')!);
  return answer;
}
/** Asks, and expects an answer that says nothing about acme. */
async function collide(method: string, path: string, body: unknown, statuses: number[]) {
  const { status, body: answer } = await ask(method, path, body);
  expect(statuses, `${method} ${path} ${JSON.stringify(answer)}`).toContain(status);
  return answer;
}

const http = (hosts: string[]) => ({ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts });
const gateway = (hosts: string[]) => ({ selector: { ingress: 'public' }, servers: [http(hosts)] });
const tcp = (number: number) => ({
  selector: { ingress: 'public' },
  servers: [{ port: { number, name: 'db', protocol: 'TCP' }, hosts: ['*'] }],
});
const answering = (host: string, gateways: string[], body: string) => ({
  hosts: [host],
  gateways,
  http: [{ name: body, match: [{ uri: { prefix: '/' } }], directResponse: { status: 200, body } }],
});

beforeAll(async () => {
  api = await harness({
    ...{ GATEHOUSE_PLATFORM_DOMAIN: 'apps.example', GATEHOUSE_DOMAIN_PROOF: 'optional' },
    ...{ GATEHOUSE_LOG_LEVEL: 'debug', GATEHOUSE_RATE_LIMIT: '0' },
  });
  const done = async (answer: Promise<{ status: number; body: unknown }>) => {
    const { status, body } = await answer;
    expect(status, JSON.stringify(body)).toBeLessThan(300);
    // biome-ignore lint/suspicious/noExplicitAny: as in the harness
    return body as any;
  };
  const ports = [...SHARED_FLEET.ports, { number: 5432, bind: 15432, protocol: 'TCP' }];
  await done(api.post('/v1/fleets', { ...SHARED_FLEET, ports }));
  for (const name of ['platform', ACME, RIVAL]) await done(api.post('/v1/tenants', { name }));
  const servers = [{ ...http(['*.apps.example', '*.sites.example']), allowedRoutes: { tenants: 'all' } }];
  await done(api.put('/v1/tenants/platform/gateways/public', { selector: { ingress: 'public' }, servers }));
  const token = async (tenant: string) =>
    (await done(api.post(`/v1/tenants/${tenant}/tokens`, { scopes: ['admin'], description: `of ${tenant}` }))).token;
  [acme, rival] = [await token(ACME), await token(RIVAL)];

  const at = `/v1/tenants/${ACME}`;
  const as = { token: acme };
  await done(api.patch(at, { displayName: `${CANARY} name`, labels: { note: CANARY } }, as));
  const { certificateChain, privateKey } = await issue([`${CANARY}.zoo.example`, '*.tea.example']);
  const labels = { note: CANARY };
  const resources = {
    certificates: { [CANARY]: { certificateChain, privateKey } },
    gateways: {
      web: { ...gateway([`${CANARY}.zoo.example`, 'taken.example']), labels },
      [`${CANARY}-db`]: tcp(5432),
    },
    upstreams: { [CANARY]: { port: 80, endpoints: [{ address: `${CANARY}.internal` }], labels } },
    routes: {
      own: answering('taken.example', ['web'], CANARY),
      shared: {
        ...answering(HOST, ['platform/public'], CANARY),
        labels,
        http: [
          {
            name: CANARY,
            route: [{ destination: { upstream: CANARY } }],
            headers: { request: { set: { [`x-${CANARY}`]: CANARY } } },
          },
        ],
      },
      [`${CANARY}-db`]: { gateways: [`${CANARY}-db`], tcp: [{ route: [{ destination: { upstream: CANARY } }] }] },
    },
  };
  await done(api.put(`${at}/configuration?message=${CANARY}`, resources, as));
  await done(api.put(`${at}/upstreams/${CANARY}/endpoints/${CANARY}`, { address: '203.0.113.9', ttl: '1h' }, as));
  await done(api.post(`${at}/domains`, { name: `${CANARY}.zoo.example` }, as));
  await done(api.post(`${at}/invitations`, { email: `${CANARY}@zoo.example`, role: 'viewer' }, as));
  await done(api.post(`${at}/fleets`, { name: `${ACME}-fleet`, labels: { own: CANARY }, ports: [] }, as));
  const enrolment = await done(api.post(`/v1/fleets/${ACME}-fleet/enrolments`, { description: CANARY }, as));
  await done(api.post('/v1/agents', enrolRequest(enrolment.token, undefined, CANARY), { token: null }));
  await done(api.put('/v1/plans/special', { description: CANARY, quotas: {} }));
  await done(api.put(`${at}/plan`, { plan: 'special' }));

  await done(
    api.put(
      `/v1/tenants/${RIVAL}/configuration`,
      {
        gateways: { web: gateway(['rival.example']) },
        upstreams: { web: { port: 80, endpoints: [{ address: '203.0.113.1' }] } },
        routes: {
          web: answering('rival.example', ['web'], 'rival'),
          shared: answering('shop.rival.apps.example', ['platform/public'], 'rival'),
        },
      },
      { token: rival },
    ),
  );
});
afterAll(() => api.close());

const values: Record<string, string> = { tenant: RIVAL, name: 'web', upstream: 'web', revision: '1', fleet: 'public' };
const place = (path: string) => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'absent.example');

/** Operations that would end the session of the test, or wait. */
const isWalked = ({ path, method }: { path: string; method: string }) =>
  !(method === 'delete' && ['/v1/tenants/{tenant}', '/v1/tenants/{tenant}/tokens/{id}'].includes(path));

test('every operation, by another tenant and by nobody', async () => {
  for (const { method, path, body } of operations()
    .map(({ contract }) => contract)
    .filter(isWalked))
    for (const token of [rival, null])
      for (const sent of body === undefined ? [undefined] : [{}, { name: 'web' }, { hosts: ['*.example'] }, []]) {
        const query = path.endsWith('/feed') ? '?after=0&wait=1' : '';
        await ask(method.toUpperCase(), place(path) + query, sent, token, { 'if-match': '"never"' });
      }
});

describe('what collides with another tenant says only that it collides', () => {
  const at = `/v1/tenants/${RIVAL}`;

  test.for([
    ['a host', () => gateway(['taken.example'])],
    ['a wildcard around its hosts', () => gateway(['*.zoo.example'])],
    ['a wider wildcard', () => gateway(['*.example'])],
  ] as const)('%s', async ([, spec]) => {
    for (const query of ['?dryRun=true', ''])
      for (const method of ['PUT', 'PATCH'])
        await collide(method, `${at}/gateways/probe${query}`, spec(), [200, 201, 404, 409, 422]);
    await ask('DELETE', `${at}/gateways/probe`);
  });

  test('a port', async () => {
    for (const query of ['?dryRun=true', '']) await collide('PUT', `${at}/gateways/db${query}`, tcp(5432), [409]);
  });

  test('a host on a shared gateway, its explanation, and a delegation', async () => {
    for (const query of ['?dryRun=true', '']) {
      const route = answering(HOST, ['platform/public'], 'rival');
      await collide('PUT', `${at}/routes/probe${query}`, route, [409]);
    }
    for (const authority of [HOST, 'taken.example', 'x.zoo.example', 'shop.rival.apps.example', 'x.tea.example'])
      for (const port of [80, 443, 5432])
        await collide('POST', `${at}/explain`, { authority, port, path: '/' }, [200, 404, 422]);
    const quick = { url: 'http://203.0.113.7', host: HOST };
    await collide('POST', `${at}/quickstart`, quick, [409, 422]);
  });

  test('a domain, and one above it', async () => {
    for (const name of ['zoo.example', 'taken.example', 'example.com']) {
      await collide('POST', `${at}/domains`, { name }, [201, 409, 422]);
      await collide('POST', `${at}/domains/${name}/check`, undefined, [200, 202, 404, 409, 422, 429, 503]);
    }
  });

  test('a plan, a fleet and a name of a tenant', async () => {
    await collide('GET', '/v1/plans', undefined, [403]);
    await collide('GET', `${at}/usage`, undefined, [200]);
    await collide('GET', `${at}/fleets`, undefined, [200]);
    await collide('POST', '/v1/tenants', { name: 'platform' }, [403]);
  });

  test('the state of its own revisions, and its differences', async () => {
    const { revision } = (await ask('GET', at)).body;
    for (let number = 1; number <= revision; number++)
      for (const path of ['', '/status', '/configuration', `/diff?from=${number}&to=${revision}`])
        await ask('GET', `${at}/revisions/${number}${path}`);
    await ask('GET', `${at}/audit/export`);
  });
});

test('metrics count no tenant by name', async () => {
  await ask('GET', '/metrics', undefined, null);
  expect(told.at(-1)).not.toMatch(new RegExp(`${ACME}|${RIVAL}|platform`));
});

test('nothing of acme was in any answer, nor in a line of the log about these requests', () => {
  expect(told.length).toBeGreaterThan(300);
  expect(told.filter((text) => text.toLowerCase().includes(CANARY)).map((text) => text.slice(0, 2000))).toEqual([]);
  if (elsewhere) return;
  const lines = api.logged().filter((line) => requestIds.has(JSON.parse(line).requestId));
  expect(lines.length).toBeGreaterThan(300);
  expect(lines.filter((line) => line.toLowerCase().includes(CANARY))).toEqual([]);
});
