import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startApi } from '../../api/serve.node.ts';
import { readSettings } from '../../api/settings.ts';
import { gateway, OPERATOR, route, SHARED_FLEET, upstream } from '../api/harness.ts';
import { copyOf, type Server, startServer } from '../postgres/server.ts';
import { serveWorker } from './serve.ts';

const settings = {
  GATEHOUSE_OPERATOR_TOKEN: OPERATOR,
  GATEHOUSE_SEALING_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
  GATEHOUSE_DOMAIN_PROOF: 'optional',
  GATEHOUSE_DELETION_GRACE_DAYS: '0',
  GATEHOUSE_BODY_LIMIT: '65536',
  GATEHOUSE_LOG_LEVEL: 'silent',
};
let server: Server;
const engines: { url: string; close(): Promise<void> }[] = [];
beforeAll(async () => {
  const node = { ...settings, GATEHOUSE_STORE: 'sqlite::memory:', GATEHOUSE_LISTEN: '127.0.0.1:0' };
  server = await startServer();
  const postgres = { ...node, GATEHOUSE_STORE: await copyOf(server.url('template1')) };
  engines.push(
    await startApi(readSettings(node)),
    await startApi(readSettings(postgres)),
    await serveWorker(inject('worker')!, settings),
  );
});
afterAll(async () => {
  await Promise.all(engines.map(({ close }) => close()));
  await server.stop();
});

const web = { gateways: { edge: gateway('a.test') }, upstreams: { web: upstream() }, routes: { web: route('a.test') } };

/** In this order: method, path, body, and headers that differ from an operator's who sends JSON. */
const requests: [string, string, unknown?, Record<string, string>?][] = [
  ['GET', '/healthz'],
  ['GET', '/openapi.json'],
  ['GET', '/docs'],
  ['GET', '/nowhere'],
  ['PUT', '/v1/tenants'],
  ['GET', '/v1/tenants', undefined, { authorization: '' }],
  ['GET', '/v1/tenants', undefined, { authorization: 'Bearer gh_operator_of_somebody_else' }],
  ['GET', '/v1/tenants?limit=0'],
  ['GET', '/v1/tenants?limt=5'],
  ['POST', '/v1/fleets', SHARED_FLEET],
  ['POST', '/v1/fleets', SHARED_FLEET],
  ['POST', '/v1/fleets', { ...SHARED_FLEET, name: 'two', ports: [{ number: 0, bind: 1, protocol: 'TCP' }] }],
  ['POST', '/v1/tenants', { name: 'acme' }],
  ['POST', '/v1/tenants', { name: 'acme' }],
  ['POST', '/v1/tenants', { name: 'Ä' }],
  ['POST', '/v1/tenants', { name: 'rival', displayName: 'Rival \u2603' }],
  ['POST', '/v1/tenants', '{"name": "cut'],
  ['POST', '/v1/tenants', '{"name":"a","name":"b"}'],
  ['POST', '/v1/tenants', 'name=a', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['POST', '/v1/tenants', { name: 'x'.repeat(70_000) }],
  ['PUT', '/v1/tenants/acme/configuration', web],
  ['PUT', '/v1/tenants/acme/configuration', web],
  ['PUT', '/v1/tenants/rival/gateways/edge', gateway('a.test')],
  ['PUT', '/v1/tenants/acme/routes/web', { ...route('a.test'), hosts: [] }],
  ['PUT', '/v1/tenants/acme/routes/web', { ...route('a.test'), gateways: ['absent'] }],
  ['PUT', '/v1/tenants/acme/routes/web', route('a.test'), { 'if-match': '"r99"' }],
  ['PUT', '/v1/tenants/acme/routes/web', route('a.test'), { 'if-none-match': '*' }],
  ['PUT', '/v1/tenants/acme/routes/web', route('a.test', '9s'), { 'if-match': '*' }],
  ['PATCH', '/v1/tenants/acme/routes/web', { http: null }, { 'content-type': 'application/merge-patch+json' }],
  ['DELETE', '/v1/tenants/acme/upstreams/web'],
  ['GET', '/v1/tenants/acme/routes'],
  ['GET', '/v1/tenants/acme/routes/web'],
  ['GET', '/v1/tenants/acme/revisions'],
  ['GET', '/v1/tenants/acme/revisions/99'],
  ['GET', '/v1/tenants/acme/revisions/2/status'],
  ['POST', '/v1/tenants/acme/revisions', { restore: 1 }],
  ['POST', '/v1/tenants/acme/revisions', { restore: 1, puts: [] }],
  ['GET', '/v1/tenants/acme/configuration?revision=2'],
  ['PUT', '/v1/tenants/acme/certificates/bad', { certificateChain: 'no PEM', privateKey: 'none' }],
  ['POST', '/v1/tenants/acme/tokens', { scopes: ['everything'] }],
  ['GET', '/v1/fleets/public/feed'],
  ['GET', '/v1/fleets/PUBLIC/feed'],
  ['GET', '/v1/fleets/absent/feed'],
  ['DELETE', '/v1/tenants/acme', undefined, { 'if-match': 'nonsense' }],
];

/** What a server says of itself and of the connection, and what is another at every request. */
const OWN = [
  'connection',
  'keep-alive',
  'date',
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'x-request-id',
  'vary',
];
const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const ETAG = /\br(\d+)-[0-9a-z]{8}\b/g;
const INSTANT = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

async function ask(url: string, [method, path, body, more]: (typeof requests)[number]) {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json', ...more },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const headers = [...response.headers]
    .filter(([name]) => !OWN.includes(name))
    .map(([name, value]) => [name, value.replace(ETAG, 'r$1-THEN')])
    .toSorted();
  const text = (await response.text()).replace(ID, 'ID').replace(INSTANT, 'THEN').replace(ETAG, 'r$1-THEN');
  return { status: response.status, headers, text };
}

test('the same requests get the same answers, byte for byte, from SQLite, from PostgreSQL and from D1 on Workers', async () => {
  const [first, ...others] = engines.map(({ url }) => url) as [string, ...string[]];
  const statuses = new Set<number>();
  for (const request of requests) {
    const expected = await ask(first, request);
    statuses.add(expected.status);
    for (const other of others)
      expect({ other, request, ...(await ask(other, request)) }).toEqual({ other, request, ...expected });
  }
  expect([...statuses].toSorted()).toEqual([200, 201, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422]);
});
