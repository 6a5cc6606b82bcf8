/** What a revision changed: fields, and requests that are answered differently, each with a witness. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gateway, type Harness, harness, SHARED_FLEET, upstream } from '../harness.ts';

let api: Harness;
const TENANT = '/v1/tenants/acme';
const HOST = 'acme.example.com';
let revision = 0;

beforeAll(async () => {
  api = await harness();
  expect((await api.post('/v1/fleets', SHARED_FLEET)).status).toBe(201);
  expect((await api.post('/v1/tenants', { name: 'acme' })).status).toBe(201);
});
afterAll(() => api?.close());

const to = (target: string, weight?: number) => ({
  destination: { upstream: target },
  ...(weight !== undefined && { weight }),
});
const BASE = [
  { match: [{ uri: { pathPrefix: '/cart' }, method: { exact: 'POST' } }], route: [to('a')] },
  { match: [{ uri: { regex: '/v[0-9]+/(users|teams)' } }], rewrite: { uri: '/people' }, route: [to('a')] },
  { route: [to('b')] },
];
const document = (http: object[], hosts = [HOST], name = 'web') => ({
  gateways: { edge: gateway(...hosts) },
  upstreams: { a: upstream(), b: upstream('10.0.0.2') },
  routes: { [name]: { hosts, gateways: ['edge'], http } },
});
const apply = async (body: object) => {
  const answer = await api.put(`${TENANT}/configuration`, body);
  expect([200, 201]).toContain(answer.status);
  revision = answer.body.revision;
};
const diff = async (query = '') => {
  const { status, body } = await api.get(`${TENANT}/revisions/${revision}/diff${query}`);
  expect(status).toBe(200);
  return body;
};

describe('a change has a witness', () => {
  test.each<[string, object, string, object, object]>([
    [
      'a weight',
      document([...BASE.slice(0, 2), { route: [to('a', 5), to('b', 95)] }]),
      'GET /',
      { forwarded: { destinations: [{ upstream: 'b', percent: 100 }] } },
      {
        forwarded: {
          destinations: [
            { upstream: 'a', percent: 5 },
            { upstream: 'b', percent: 95 },
          ],
        },
      },
    ],
    [
      'a method that is not asked for any more',
      document([{ match: [{ uri: { pathPrefix: '/cart' } }], route: [to('a')] }, ...BASE.slice(1)]),
      'GET /cart',
      { forwarded: { destinations: [{ upstream: 'b' }] } },
      { forwarded: { destinations: [{ upstream: 'a' }] } },
    ],
    [
      'a prefix that was one of whole segments',
      document([{ ...BASE[0], match: [{ uri: { prefix: '/cart' }, method: { exact: 'POST' } }] }, ...BASE.slice(1)]),
      'POST /cartx',
      { forwarded: { destinations: [{ upstream: 'b' }] } },
      { forwarded: { destinations: [{ upstream: 'a' }] } },
    ],
    [
      'a rewrite behind a pattern',
      document([BASE[0]!, { ...BASE[1], rewrite: { uri: '/humans' } }, BASE[2]!]),
      'GET /v0/users',
      { forwarded: { request: { path: '/people' } } },
      { forwarded: { request: { path: '/humans' } } },
    ],
    [
      'a header of the response',
      document([...BASE.slice(0, 2), { ...BASE[2], headers: { response: { set: { 'x-b': '1' } } } }]),
      'GET /',
      { outcome: 'matched' },
      { responseHeaders: { set: { 'x-b': '1' } } },
    ],
    [
      'a rule that is gone',
      document(BASE.slice(0, 2)),
      'GET /',
      { forwarded: { destinations: [{ upstream: 'b' }] } },
      { outcome: 'not-found', status: 404 },
    ],
    [
      'a header that a rule asks for',
      document([{ match: [{ headers: { 'x-beta': { exact: 'yes' } } }], directResponse: { status: 410 } }, ...BASE]),
      'GET / {"x-beta":"yes"}',
      { outcome: 'matched' },
      { answer: { status: 410 } },
    ],
  ])('%s', async (_, changed, shown, before, after) => {
    await apply(document(BASE));
    await apply(changed);
    const { from, requests, complete, fields } = await diff();
    expect([from, complete]).toEqual([revision - 1, true]);
    expect(fields.length).toBeGreaterThan(0);
    const found = requests.map(({ witness: { method, path, headers } }: Found) =>
      [method, path, ...(Object.keys(headers).length > 0 ? [JSON.stringify(headers)] : [])].join(' '),
    );
    expect(found).toContain(shown);
    const change = requests[found.indexOf(shown)];
    expect(change).toMatchObject({ fleet: 'public', host: HOST, before, after });
    // Its explanations are what POST …/explain says.
    const again = await api.post(`${TENANT}/explain`, { ...change.witness, revision });
    expect(again.body.rule).toEqual(change.after.rule);
  });
});

interface Found {
  witness: { method: string; path: string; headers: Record<string, string> };
}

test('a host that comes, and one that goes', async () => {
  await apply(document(BASE));
  await apply(document(BASE, ['new.acme.example.com']));
  const { requests } = await diff();
  const outcomes = new Set(
    requests.map(
      ({ host, before, after }: { host: string; before: { outcome: string }; after: { outcome: string } }) =>
        `${host}: ${before.outcome} → ${after.outcome}`,
    ),
  );
  expect(outcomes).toEqual(new Set(['new.acme.example.com: not-found → matched', `${HOST}: matched → not-found`]));
});

test('a rename, and rules in another order that exclude each other, change no request', async () => {
  await apply(document(BASE));
  await apply(
    document(
      [BASE[1]!, BASE[0]!, BASE[2]!].map((rule, i) => ({ ...rule, name: `n${i}` })),
      [HOST],
      'other',
    ),
  );
  const { fields, requests, compared, complete } = await diff();
  expect(fields.length).toBeGreaterThan(0);
  expect([requests, complete]).toEqual([[], true]);
  expect(compared).toBeGreaterThan(10);
});

test('with any revision, and with nothing', async () => {
  await apply(document(BASE));
  const nothing = await diff('?from=0');
  expect(nothing.from).toBe(0);
  expect(nothing.requests.map((each: { before: { outcome: string } }) => each.before.outcome)).toContain('not-found');
  expect(await diff(`?from=${revision}`)).toMatchObject({ fields: [], requests: [], compared: 0, complete: true });
});

test('revisions that are not there', async () => {
  expect((await api.get(`${TENANT}/revisions/999/diff`)).status).toBe(404);
  expect((await api.get(`${TENANT}/revisions/${revision}/diff?from=999`)).status).toBe(404);
  expect((await api.get(`${TENANT}/revisions/${revision}/diff?from=x`)).status).toBe(422);
});
