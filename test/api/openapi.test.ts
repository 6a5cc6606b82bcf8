import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operations } from '../../api/app.ts';
import { openapiDocument } from '../../api/observe/document.ts';
import { type Api, connect } from '../../openapi/client.ts';
import { typescriptOf } from '../../openapi/typescript.ts';
import { type Harness, harness, OPERATOR, SHARED_FLEET, tokenFor, upstream } from './harness.ts';
import { mailbox, person } from './people/mailbox.ts';

let api: Harness;
let client: Api;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_PLATFORM_DOMAIN: 'apps.example' });
  client = connect(api.url, OPERATOR);
});
afterAll(() => api.close());

const committed = (file: string) => readFileSync(new URL(`../../openapi/${file}`, import.meta.url), 'utf8');

test('openapi/openapi.json and openapi/schema.ts are what `node openapi/emit.ts` writes', () => {
  const document = openapiDocument(operations());
  expect(
    committed('openapi.json') === `${JSON.stringify(document, null, 2)}\n`,
    'openapi.json is stale: run node openapi/emit.ts',
  ).toBe(true);
  expect(committed('schema.ts') === typescriptOf(document), 'schema.ts is stale: run node openapi/emit.ts').toBe(true);
});

test('the served document is the emitted one', async () => {
  expect((await api.get('/openapi.json')).body).toEqual(JSON.parse(committed('openapi.json')));
});

test('it passes the recommended rules of redocly', () => {
  const redocly = new URL('../../node_modules/.bin/redocly', import.meta.url).pathname;
  execFileSync(redocly, ['lint', '--max-problems=1'], {
    stdio: 'pipe',
    env: { ...process.env, REDOCLY_TELEMETRY: 'off' },
  });
});

test('every operation has an id of its own and declares 422', () => {
  const contracts = operations().map(({ contract }) => contract);
  expect(new Set(contracts.map(({ operationId }) => operationId)).size).toBe(contracts.length);
  // OAuth answers 400 where HTTP has 422 (RFC 6749 §5.2).
  for (const { operationId, openapi, path } of contracts)
    expect(Object.keys(openapi.responses), operationId).toContain(
      /^\/v1\/auth\/device(\/token)?$/.test(path) ? '400' : '422',
    );
});

interface Documented {
  parameters?: { name: string; in: string; schema: { type?: string } }[];
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> };
}
const { paths, components }: { paths: Record<string, Record<string, Documented>>; components: Components } = JSON.parse(
  committed('openapi.json'),
);
interface Components {
  schemas: Record<string, { example?: unknown }>;
}
const names: Record<string, string> = {
  ...{ tenant: 'bookinfo', fleet: 'public', name: 'reviews', upstream: 'reviews', id: 'edge-1', node: 'edge-1' },
};
const place = (path: string, other: Record<string, string> = {}) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => other[name] ?? names[name] ?? '1');
const documented = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);
/** Every body in JSON that a write accepts, with its example. What others refer to comes first, a whole configuration last. */
const written = () => {
  const order = [
    /v1\/fleets$/,
    /tenants$/,
    /upstreams/,
    /gateways/,
    /routes/,
    /status$/,
    /(?<!configuration|suspend)$/,
    /configuration$/,
    /suspend$/,
  ];
  const rank = ({ path }: { path: string }) => order.findIndex((each) => each.test(path));
  return documented
    .flatMap(({ path, method, operation: { requestBody } }) =>
      Object.entries(requestBody?.content ?? {})
        .filter(([type]) => type.endsWith('json'))
        .map(([type, { schema }]) => {
          const example = components.schemas[schema.$ref?.split('/').pop() ?? '']?.example;
          return { path, method, type, example };
        }),
    )
    .sort((a, b) => rank(a) - rank(b));
};

let people = 0;
/** Signs up another person, because the examples delete the account. */
const personal = () => person(api, mailbox(api), `p${++people}@example.com`, 'correct horse battery staple');

/** Sends a body as the operator, or as an agent or a person where only these may. */
async function send(method: string, path: string, type: string, body: unknown) {
  const isOfPerson = /auth\/(password$|email|deletion|device\/|passkeys)|invitations\/accept/.test(path);
  if (isOfPerson)
    return api.call(method, place(path), body, { token: await personal(), headers: { 'content-type': type } });
  const isOfAgent = /status$|endpoint-health$/.test(path);
  const token = isOfAgent ? await tokenFor(api, place('/v1/fleets/{fleet}')) : OPERATOR;
  return api.call(method, place(path), body, { token, headers: { 'content-type': type } });
}

test('each write has an example of its body, which the API accepts', async () => {
  await api.post('/v1/tenants', { name: 'platform' });
  const server = { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*.apps.example'] };
  const servers = [{ ...server, allowedRoutes: { tenants: 'all' } }];
  await api.put('/v1/tenants/platform/gateways/public', { selector: { ingress: 'public' }, servers });
  for (const { path, method, type, example } of written()) {
    expect(example, `${method} ${path}`).toBeDefined();
    const { status, body } = await send(method, path, type, example);
    // No example is the code of a mail, the password of a person, the id of one, or what an agent or a passkey signs.
    const refusal = {
      '/v1/auth/': ['invalid-code', 'wrong-credentials', 'not-found'],
      '/v1/tenants/{tenant}/members/': ['not-found'],
      '/v1/staff/': ['not-found'],
      '/v1/invitations/accept': ['invalid-code', 'not-found'],
      '/v1/agents': ['unauthorized', 'invalid-request'],
    };
    const isRefused = Object.entries(refusal).some(([of, codes]) => path.startsWith(of) && codes.includes(body.code));
    expect([method, path, type, status < 300 || isRefused || body]).toEqual([method, path, type, true]);
  }
  expect(written().length).toBeGreaterThan(25);
});

test.each([
  ['half of a surrogate pair', '\ud800'],
  ['U+0000', '\0'],
])('%s in any text of any body is a 422 that points to it', async (_, character) => {
  const spoilt = (value: unknown): unknown => {
    if (typeof value === 'string') return value + character;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(spoilt);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, spoilt(each)]));
  };
  for (const { path, method, type, example } of written()) {
    const texts = JSON.stringify(example).match(/(?<=[:[,])"(?:\\.|[^"\\])*"(?!:)/g)?.length ?? 0;
    if (texts === 0) continue;
    const answer = await send(method, path, type, spoilt(example));
    const codes = answer.body.violations?.map(({ code }: { code: string }) => code);
    expect([method, path, answer.status, codes]).toEqual([method, path, 422, Array(texts).fill('invalid-character')]);
  }
});

test('no text of a path or a query leads to an internal error or is stored', async () => {
  for (const { path, method, operation } of documented)
    for (const bad of ['%ED%A0%80', '%00', 'a%00', '%FF', 'e%CC%81', '%F0%9F%98%80'])
      for (const { name, in: where, schema } of operation.parameters ?? []) {
        if (where !== 'path' && (where !== 'query' || schema.type !== 'string')) continue;
        if (path.startsWith('/docs')) continue;
        const url = where === 'path' ? place(path, { [name]: bad }) : `${place(path)}?${name}=${bad}`;
        const body = operation.requestBody && {};
        const { status } = await api.call(method, url, body);
        // A text of letters is a valid search, and a valid reason for a change.
        if (where === 'path' || !/e%CC|%F0/.test(bad))
          expect([url, [400, 403, 404, 422].includes(status)]).toEqual([url, true]);
        else expect(status, url).toBeLessThan(500);
      }
});

test('the generated client works: typed data, typed problems', async () => {
  await client.POST('/v1/fleets', { body: SHARED_FLEET as never });
  const created = await client.POST('/v1/tenants', { body: { name: 'acme' } });
  expect(created.data?.name).toBe('acme');
  const path = { tenant: 'acme', name: 'web' };
  const put = await client.PUT('/v1/tenants/{tenant}/upstreams/{name}', { params: { path }, body: upstream() });
  expect(put.data?.spec.port).toBe(9080);
  const removed = await client.DELETE('/v1/tenants/{tenant}/upstreams/{name}', {
    params: { path: { ...path, name: 'absent' } },
  });
  expect(removed.error?.code).toBe('not-found');
});
