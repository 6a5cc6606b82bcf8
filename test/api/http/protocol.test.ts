import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ProblemDocument } from '../../../api/problem.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness, SHARED_FLEET, tenantWithRoute, tokenFor } from '../harness.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_BODY_LIMIT: '20000' });
  await tenantWithRoute(api, 'acme');
});
afterAll(() => api.close());

const UPSTREAM = '/v1/tenants/acme/upstreams/web';

test('400: a body that is not JSON', async () => {
  const { status, body } = await api.call('PUT', UPSTREAM, undefined, { raw: '{"port":' });
  expect([status, body.code]).toEqual([400, 'malformed-json']);
});

test('404: a path that nothing serves', async () => {
  expect((await api.get('/v1/nothing')).body.code).toBe('not-found');
});

test.each([
  ['/v1/tenants/acme/route/shop', '; did you mean /v1/tenants/acme/routes/shop?'],
  ['/v1/tenant', '; did you mean /v1/tenants?'],
  ['/v1/tenants/acme/revision/1/diff', '; did you mean /v1/tenants/acme/revisions/1/diff?'],
  ['/v1/tenant/acme', '; did you mean /v1/tenants/acme?'],
  ['/v1/tenants/acme/configurations', '; did you mean /v1/tenants/acme/configuration?'],
  ['/v1/tenants/acme/revisions/1/statu', '; did you mean /v1/tenants/acme/revisions/1/status?'],
  ['/tenants/acme', '; did you mean /v1/tenants/acme?'],
  ['/v1/tenants/acme/zzzz/shop', ''],
  ['/v1/tenants/acme/routes/shop/more', ''],
])('404: %s', async (path, more) => {
  const { status, body } = await api.get(path);
  expect([status, body.detail]).toEqual([404, `there is no such path${more}`]);
});

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';
test.each([
  [BROWSER, 'text/html; charset=utf-8'],
  ['application/json, text/html;q=0.9', 'application/problem+json'],
  ['text/html;q=0, */*', 'application/problem+json'],
  ['*/*', 'application/problem+json'],
])('404 to a client that accepts %s is %s', async (accept, type) => {
  const response = await fetch(`${api.url}/sign-inn`, { headers: { accept } });
  expect([response.status, response.headers.get('content-type')]).toEqual([404, type]);
  expect(response.headers.get('vary')).toContain('accept');
  const text = await response.text();
  expect(text).toMatch(/there is no such path; did you mean \/sign-in\?["<]/i);
  const links = [...text.matchAll(/<a href="([^"]+)"/g)].map(([, path = '']) => path);
  expect(links.length).toBe(type.startsWith('text/html') ? 4 : 0);
  for (const path of links) expect((await api.get(path, { token: null })).status).toBe(200);
});

test.each(['__proto__', 'constructor', 'toString'])('404: /docs/%s, which is no file', async (name) => {
  expect((await api.get(`/docs/${name}`, { token: null })).status).toBe(404);
});

test.skipIf(elsewhere)('401: the token was revoked while the body arrived', async () => {
  const { body: token } = await api.post('/v1/tenants/acme/tokens', { scopes: ['admin'] });
  const text = JSON.stringify({ port: 80, endpoints: [{ address: '192.0.2.1' }] });
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (feed = controller) });
  feed!.enqueue(new TextEncoder().encode(text.slice(0, 5)));
  const spied = vi.spyOn(api.app!.services.tokens, 'find');
  const slow = fetch(`${api.url}/v1/tenants/acme/upstreams/slow`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token.token}`, 'content-type': 'application/json' },
    body: stream,
    duplex: 'half',
  } as RequestInit);
  await vi.waitFor(() => expect(spied).toHaveBeenCalled(), 10_000);
  await spied.mock.results[0]!.value;
  spied.mockRestore();
  expect((await api.remove(`/v1/tenants/acme/tokens/${token.id}`)).status).toBe(204);
  feed!.enqueue(new TextEncoder().encode(text.slice(5)));
  feed!.close();
  expect((await slow).status).toBe(401);
});

test('422: a parameter of an operation that has none gets no empty list of those', async () => {
  const { status, body } = await api.call('POST', '/v1/tenants?dryRun=true', { name: 'more' });
  expect([status, body.violations]).toEqual([
    422,
    [{ path: '/dryRun', code: 'unknown-field', message: 'unknown field "dryRun"' }],
  ]);
});

test('405: a method that the path does not allow, with the allowed methods', async () => {
  const { status, headers } = await api.call('POST', UPSTREAM, {});
  expect([status, headers.get('allow')]).toEqual([405, 'DELETE, GET, HEAD, PATCH, PUT']);
});

describe('413: a body over the limit', () => {
  test('told by its length', async () => {
    expect((await api.call('PUT', UPSTREAM, undefined, { raw: `"${'x'.repeat(20_000)}"` })).status).toBe(413);
  });

  test('counted when it has none', async () => {
    const parts = ['"', ...Array.from({ length: 30 }, () => 'x'.repeat(1000)), '"'];
    const response = await fetch(api.url + UPSTREAM, {
      method: 'PUT',
      headers: { authorization: 'Bearer gh_operator_for_the_tests_only', 'content-type': 'application/json' },
      body: ReadableStream.from(parts.map((part) => new TextEncoder().encode(part))),
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
  });
});

describe('what cannot be read as a request is answered too, and the connection ends', () => {
  /** @param next written once the response has reached `after` */
  const say = (text: string, after = '', next = '') =>
    new Promise<string>((resolve, reject) => {
      let said = '';
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () => socket.write(text));
      let waiting = next !== '';
      socket.setEncoding('utf8').on('data', (chunk) => {
        said += chunk;
        if (!waiting || !said.includes(after)) return;
        waiting = false;
        socket.write(next);
      });
      socket.on('close', () => resolve(said)).on('error', reject);
    });

  test('but not in the middle of another answer', async ({ skip }) => {
    if (elsewhere) skip(elsewhere);
    await api.post('/v1/fleets', SHARED_FLEET);
    const token = await tokenFor(api, '/v1/fleets/public');
    const feed = `GET /v1/fleets/public/feed HTTP/1.1\r\nhost: a\r\naccept: application/x-ndjson\r\nauthorization: Bearer ${token}\r\n\r\n`;
    const said = await say(feed, '"type":"fleet"', 'How do you do?\r\n\r\n');
    expect(said).toContain('"type":"fleet"');
    expect(said).not.toContain('malformed-request');
  });

  test.for([
    ['431', 'headers-too-large', `GET /v1/tenants?after=${'x'.repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`],
    ['400', 'malformed-request', 'How do you do?\r\n\r\n'],
    ['400', 'malformed-request', 'BREW /v1/tenants HTTP/1.1\r\nhost: a\r\n\r\n', 'the method is unknown'],
  ])('%s %s', async ([status, code, text, detail = ''], { skip }) => {
    if (elsewhere) skip(elsewhere);
    const [head = '', body = ''] = (await say(text!)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toContain('content-type: application/problem+json');
    expect(ProblemDocument.parse(JSON.parse(body))).toMatchObject({
      ...{ code, status: Number(status) },
      detail: expect.stringContaining(detail),
    });
  });
});

test('415: a body that is not declared as JSON', async () => {
  const { status, body } = await api.call('PUT', UPSTREAM, undefined, {
    raw: 'port: 1',
    headers: { 'content-type': 'application/yaml' },
  });
  expect([status, body.code]).toEqual([415, 'unsupported-media-type']);
});

test('422: unknown query parameters are refused by name', async () => {
  const { status, body } = await api.get('/v1/tenants?limt=5');
  expect([status, body.violations]).toMatchObject([
    422,
    [{ path: '/limt', code: 'unknown-field', hint: 'did you mean "limit"?' }],
  ]);
});

test('429: a token over its rate, with the time to wait', async () => {
  const limited = await harness({ GATEHOUSE_RATE_LIMIT: '1', GATEHOUSE_RATE_BURST: '2' });
  try {
    // At once: a request is permitted again after one second.
    const answers = await Promise.all(Array.from({ length: 10 }, () => limited.get('/v1/tenants')));
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(2);
    const { headers } = answers.find(({ status }) => status === 429)!;
    expect(headers.get('retry-after')).toBe('1');
    expect(headers.get('ratelimit')).toBe('"default";r=0;t=1');
    expect(headers.get('ratelimit-policy')).toBe('"default";q=2;w=2');
  } finally {
    await limited.close();
  }
});

test('a request id is kept when it is harmless, and made when it is not', async () => {
  const id = async (given: string) =>
    (await api.get('/healthz', { headers: { 'x-request-id': given } })).headers.get('x-request-id');
  expect(await id('abc-123')).toBe('abc-123');
  expect(await id('"; drop')).toMatch(/^[0-9a-f-]{36}$/);
});

test('500: the response to an unexpected error reveals nothing about it', async ({ skip }) => {
  if (elsewhere) skip(elsewhere);
  const broken = await harness();
  broken.app!.services.store.tenants.list = async () => {
    throw new Error('secret of the database');
  };
  const { status, body } = await broken.get('/v1/tenants');
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('secret');
  expect(broken.said().some((line) => line.includes('secret of the database') && line.includes(body.requestId))).toBe(
    true,
  );
  await broken.close();
});

test('health, readiness, metrics and documentation need no token', async () => {
  const paths = ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs', '/docs/swagger-ui.css', '/docs/start.js'];
  for (const path of paths) expect((await api.get(path, { token: null })).status, path).toBe(200);
  // The order of labels means nothing.
  expect((await api.get('/metrics')).body).toMatch(
    /^gatehouse_api_request_seconds_bucket\{(?=.*\broute="putUpstream")(?=.*\ble="0\.0005")[^}]*\} \d/m,
  );
  expect((await api.get('/docs/absent.js')).status).toBe(404);
});

test('once the process is asked to stop, it is not ready, and streams end', async ({ skip }) => {
  if (elsewhere) skip(elsewhere);
  const stopping = await harness();
  stopping.app!.close();
  expect((await stopping.get('/readyz')).status).toBe(503);
  await stopping.close();
});

test.each(['/', '/docs/'])('%s leads to the page that documents the API', async (path) => {
  const response = await fetch(api.url + path, { redirect: 'manual' });
  expect(response.status).toBe(302);
  expect(response.headers.get('location')).toBe('/docs');
});
