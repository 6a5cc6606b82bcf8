import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  gateway,
  type Harness,
  harness,
  OPERATOR,
  route,
  SHARED_FLEET,
  tenantWithRoute,
  upstream,
} from '../harness.ts';
import { rawRequest } from './raw.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 'acme');
});
afterAll(() => api.close());

const AT = '/v1/tenants/acme';
const send = (method: string, path: string, raw: string) => api.call(method, path, undefined, { raw });
const many = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => item(i)).join(',');

describe('a large body is refused for what is too large, in few words', () => {
  test.for([
    ['unknown fields', 'PUT', '/upstreams/web', `{"port":80,"endpoints":[],${many(20_000, (i) => `"k${i}":1`)}}`],
    ['more unknown fields', 'PUT', '/configuration', `{"upstreams":{"web":{${many(300_000, (i) => `"k${i}":1`)}}}}`],
    ['unknown kinds', 'PUT', '/configuration', `{${many(300_000, (i) => `"k${i}":{}`)}}`],
    ['labels', 'PUT', '/configuration', `{"upstreams":{"web":{"labels":{${many(200_000, (i) => `"k${i}":"v"`)}}}}}`],
    ['empty rules', 'PUT', '/configuration', `{"routes":{"web":{"http":[${many(1_200_000, () => '{}')}]}}}`],
    [
      'a pattern',
      'PUT',
      '/configuration',
      `{"routes":{"web":{"http":[{"match":[{"uri":{"regex":"${'(a|b)*'.repeat(600_000)}"}}]}]}}}`,
    ],
    ['bad resources', 'PUT', '/configuration', `{"upstreams":{${many(20_000, (i) => `"u${i}":{"prot":80}`)}}}`],
    [
      'bad puts',
      'POST',
      '/revisions',
      `{"puts":[${many(10_000, (i) => `{"kind":"upstream","name":"u${i}","spec":{"port":0}}`)}]}`,
    ],
    ['too many puts', 'POST', '/revisions', `{"puts":[${many(20_000, (i) => `{"kind":"upstream","name":"u${i}"}`)}]}`],
    ['a deep patch', 'PATCH', '/upstreams/web', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
    ['a deep array', 'PUT', '/upstreams/web', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ] as const)('%s', async ([, method, path, raw]) => {
    const { status, body } = await send(method, AT + path, raw);
    expect([status, body.code]).toEqual([422, 'invalid-request']);
    expect(body.violations.length).toBeLessThanOrEqual(100);
    expect(JSON.stringify(body).length).toBeLessThan(60_000);
  });

  test('the number of violations beyond the first hundred is reported', async () => {
    const unknown = await send(
      'PUT',
      `${AT}/upstreams/web`,
      `{"port":80,"endpoints":[],${many(20_000, (i) => `"k${i}":1`)}}`,
    );
    expect([unknown.body.violations.length, unknown.body.moreViolations]).toEqual([100, 19_900]);
    const bad = await send(
      'PUT',
      `${AT}/configuration`,
      `{"upstreams":{${many(5_000, (i) => `"u${i}":{"endpoints":[]}`)}}}`,
    );
    expect([bad.body.violations.length, bad.body.moreViolations]).toEqual([100, 4_900]);
  });

  test('so are references that lead nowhere, of a dry run too', async () => {
    const routes = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, i) => [`r${i}`, route(`h${i}.acme.example.com`)]),
    );
    const document = { gateways: { edge: gateway('*.acme.example.com') }, routes };
    const refused = await api.put(`${AT}/configuration`, document);
    expect([refused.status, refused.body.violations.length, refused.body.moreViolations]).toEqual([422, 100, 900]);
    const foreseen = await api.put(`${AT}/configuration?dryRun=true`, document);
    expect([foreseen.status, foreseen.body.errors.length, foreseen.body.moreErrors]).toEqual([200, 100, 900]);
  });

  test.for([
    ['/configuration', { upstreams: { ['x'.repeat(400)]: upstream() } }],
    ['/upstreams/web', { ...upstream(), ['x'.repeat(400)]: 1 }],
    ['/upstreams/web', { ...upstream(), labels: { ['x'.repeat(400)]: 'y' } }],
    ['/upstreams/web', { ...upstream(), endpoints: [{ address: 'x'.repeat(50_000) }] }],
    ['/gateways/edge', gateway('x'.repeat(50_000), 'x'.repeat(50_000))],
    ['/gateways/edge', { selector: { a: 'x'.repeat(50_000) }, servers: [] }],
    ['/routes/web', { ...route('acme.example.com'), gateways: ['x'.repeat(50_000)] }],
    [
      '/routes/web',
      { ...route('acme.example.com'), http: [{ match: [{ uri: { regex: `(${'x'.repeat(50_000)}` } }] }] },
    ],
    ['/routes/web', { ...route('acme.example.com'), http: [{ match: [{ headers: { X: 'x'.repeat(50_000) } }] }] }],
    ['/certificates/web', { certificateChain: 'x'.repeat(50_000), privateKey: 'x'.repeat(9_000) }],
  ] as const)('what was written is quoted to its hundredth character: %s', async ([path, body]) => {
    const answer = await api.put(AT + path, body);
    expect(answer.status).toBe(422);
    for (const { message, hint = '' } of answer.body.violations) expect(`${message} ${hint}`).not.toMatch(/x{101}/);
  });
});

test.for([
  ['POST', '/v1/tenants', { name: 'other', displayName: 'x'.repeat(70_000) }, 413],
  ['POST', '/v1/tenants/acme/tokens', { scopes: ['read'], description: 'x'.repeat(70_000) }, 413],
  ['PUT', '/v1/tenants/acme/upstreams/web', { port: 'x'.repeat(1_100_000) }, 413],
  ['PUT', '/v1/tenants/acme/configuration', { routes: { web: 'x'.repeat(1_100_000) } }, 422],
] as const)('a body is as large as its route needs: %s %s', async ([method, path, body, status]) => {
  expect((await api.call(method, path, body)).status).toBe(status);
});

describe('a member named __proto__ is refused where it stands', () => {
  const proto = (members: string) => `{"__proto__":{},${members}}`;
  test.for([
    ['PUT', '/upstreams/web', '{"port":80,"endpoints":[],"labels":{"__proto__":"x"}}', '/labels/__proto__'],
    ['PUT', '/upstreams/web', proto('"port":80,"endpoints":[]'), '/__proto__'],
    [
      'PUT',
      '/routes/web',
      '{"http":[{"match":[{"headers":{"__proto__":{"exact":"x"}}}]}]}',
      '/http/0/match/0/headers/__proto__',
    ],
    [
      'PUT',
      '/routes/web',
      '{"http":[{"headers":{"request":{"set":{"__proto__":"x"}}}}]}',
      '/http/0/headers/request/set/__proto__',
    ],
    ['PATCH', '/upstreams/web', '{"labels":{"__proto__":"x"}}', '/labels/__proto__'],
    [
      'PUT',
      '/routes/web',
      JSON.stringify({
        ...route('acme.example.com'),
        http: [{ directResponse: { status: 200, headers: { __PROTO__: 'x' } } }],
      }),
      '/http/0/directResponse/headers/__PROTO__',
    ],
    ['PUT', '/gateways/edge', JSON.stringify(gateway('__Proto__')), '/servers/0/hosts/0'],
    ['PUT', '/configuration', '{"routes":{"__proto__":{}}}', '/routes/__proto__'],
    ['PUT', '/configuration', `{"upstreams":{"a":${proto('"port":1')}}}`, '/upstreams/a/__proto__'],
    [
      'POST',
      '/revisions',
      `{"puts":[{"kind":"upstream","name":"a","spec":${proto('"port":1')}}]}`,
      '/puts/0/spec/__proto__',
    ],
    ['PATCH', '', '{"labels":{"__proto__":"x"}}', '/labels/__proto__'],
  ] as const)('%s %s', async ([method, path, raw, pointer]) => {
    const { status, body } = await send(method, AT + path, raw);
    expect([status, body.violations]).toMatchObject([422, [{ code: 'reserved-name', pointer }]]);
  });

  test('as a query parameter it is unknown like any other', async () => {
    const { status, body } = await api.get('/v1/tenants?__proto__=1');
    expect([status, body.violations]).toMatchObject([422, [{ code: 'unknown-field' }]]);
  });
});

describe('names that objects have anyway are names like others', () => {
  const names = ['constructor', 'prototype', 'tostring', 'valueof'];

  test('of resources and labels, and in conditions', async () => {
    await api.post('/v1/tenants', { name: 'named' });
    const at = '/v1/tenants/named';
    const matches = names.flatMap((name) => [
      { headers: { [name]: { exact: 'x' } } },
      { queryParams: { [name]: { exact: 'x' } } },
    ]);
    const spec = {
      labels: Object.fromEntries(names.map((name) => [name, 'x'])),
      hosts: ['named.example.com'],
      gateways: ['constructor'],
      http: [{ match: matches, route: [{ destination: { upstream: 'constructor' } }] }],
    };
    const document = {
      gateways: { constructor: gateway('named.example.com') },
      upstreams: { constructor: upstream() },
      routes: Object.fromEntries(names.map((name) => [name, spec])),
    };
    const applied = await api.put(`${at}/configuration`, document);
    expect([applied.status, applied.body.changed], JSON.stringify(applied.body)).toEqual([201, true]);
    const { body } = await api.get(`${at}/configuration`);
    expect(Object.keys(body.routes)).toEqual(names.toSorted());
    expect(body.routes.constructor.labels).toEqual(spec.labels);
    expect(body.routes.tostring.http[0].match).toEqual(matches);
    expect((await api.get(`${at}/routes/constructor`)).status).toBe(200);
  });

  test.for(['constructor', 'toString', 'hasOwnProperty'])('a field %s is unknown', async (name) => {
    const { status, body } = await api.put(`${AT}/upstreams/web`, { ...upstream(), [name]: 1 });
    expect([status, body.violations]).toMatchObject([422, [{ code: 'unknown-field', pointer: `/${name}` }]]);
  });
});

describe('a body is UTF-8', () => {
  const put = (body: Uint8Array | string, type = 'application/json') =>
    rawRequest(
      `${api.url}${AT}/upstreams/utf`,
      { authorization: `Bearer ${OPERATOR}`, 'content-type': type, 'content-length': String(Buffer.byteLength(body)) },
      { method: 'PUT', body },
    );
  const json = JSON.stringify({ ...upstream(), labels: { team: 'books' } });
  const codeOf = ({ body }: { body: Buffer }) => JSON.parse(body.toString()).code;

  test.for(['application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'Application/JSON'])(
    'and may say so: %s',
    async (type) => expect([200, 201]).toContain((await put(json, type)).status),
  );

  test.for(['utf-16', 'utf-16le', 'iso-8859-1', '"latin1"', ''])('415: and not %j', async (charset) => {
    const answer = await put(Buffer.from(json, 'utf16le'), `application/json; charset=${charset}`);
    expect([answer.status, codeOf(answer)]).toEqual([415, 'unsupported-media-type']);
  });

  test('400: what is none', async () => {
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      const answer = await put(Buffer.concat([Buffer.from('{"port":80,"x":"'), Buffer.from(bytes), Buffer.from('"}')]));
      expect([answer.status, codeOf(answer)]).toEqual([400, 'malformed-json']);
    }
  });

  test('422: half of a surrogate pair', async () => {
    const { status, body } = await send('PATCH', AT, '{"displayName":"\\ud83d"}');
    expect([status, body.violations]).toMatchObject([422, [{ code: 'invalid-character', pointer: '/displayName' }]]);
    expect((await api.patch(AT, { displayName: '\u{1f600}' })).body.displayName).toBe('\u{1f600}');
  });

  test('with a byte order mark before it too', async () => {
    expect([200, 201]).toContain((await put(`\ufeff${json}`)).status);
  });

  test('and so is a query', async () => {
    expect((await api.get('/v1/tenants?prefix=%ff')).body.code).toBe('malformed-request');
    expect((await api.get('/v1/tenants?label=a%3D100%')).status).toBe(200);
  });
});

test.for([
  ['twice', '{"port":80,"endpoints":[],"port":81}', 'duplicate-member', '/port'],
  ['beyond the largest number', '{"port":1e400,"endpoints":[]}', 'invalid-number', '/port'],
])('what parsing would change is refused: a member written %s', async ([, raw, code, pointer]) => {
  const { status, body } = await send('PUT', `${AT}/upstreams/web`, raw!);
  expect([status, body.violations]).toMatchObject([422, [{ code, pointer }]]);
});

test('a whole number that JavaScript cannot represent exactly is rejected', async () => {
  expect((await send('PUT', `${AT}/upstreams/web`, '{"port":9007199254740993,"endpoints":[]}')).status).toBe(422);
});

describe('If-None-Match', () => {
  test.for([
    '',
    '/configuration',
    '/revisions/1/configuration',
    '/routes/web',
    '/gateways/edge',
    '/upstreams/web',
    '../../fleets/public',
  ])('is honoured by what answers an ETag: %s', async (path) => {
    const url = path.startsWith('.') ? '/v1/fleets/public' : AT + path;
    const etag = (await api.get(url)).headers.get('etag')!;
    expect(etag).toMatch(/^"r\d+-[0-9a-z]+"$/);
    const ask = async (header: string) => (await api.get(url, { headers: { 'if-none-match': header } })).status;
    for (const same of [etag, `W/${etag}`, '*', `"other", ${etag}`, `"a,b",W/${etag}`])
      expect(await ask(same), same).toBe(304);
    for (const other of ['"other"', `W/"other", "r99999"`, etag.slice(1, -1), `"a${etag.slice(1)}`])
      expect(await ask(other), other).toBe(200);
  });
});
