import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../../api/settings.ts';
import { patternCost } from '../../../model/regex/cost.ts';
import { elsewhere } from '../engine.ts';
import { gateway, type Harness, harness, upstream } from '../harness.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_PATTERN_TIME: '200', GATEHOUSE_PATTERN_MEMORY: '64' });
});
afterAll(() => api.close());

/** RE2 needs millions of states for it. */
const LARGE = '.*a.{20}b';
const { time } = patternCost(LARGE);
/** So many fit into the time of one host. */
const FIT = Math.floor(200_000 / time);

const route = (hosts: string[], match: object[]) => ({
  ...{ hosts, gateways: ['edge'] },
  http: match.map((each) => ({ match: [each], directResponse: { status: 200 } })),
});
const large = (count: number) => Array.from({ length: count }, () => ({ uri: { regex: LARGE } }));

let count = 0;
async function tenant(...more: string[]) {
  const name = `t${++count}`;
  await api.post('/v1/tenants', { name });
  const domain = `${name}.example.com`;
  await api.put(`/v1/tenants/${name}/gateways/edge`, gateway(domain, `*.${domain}`, ...more));
  return { at: `/v1/tenants/${name}`, domain };
}
const rejected = ({ status, body }: { status: number; body: { violations: object[] } }) => [status, body.violations];

describe('the time of the patterns that one request may meet', () => {
  test('is limited for one route: the first pattern beyond is named', async () => {
    const { at, domain } = await tenant();
    expect(FIT).toBeGreaterThan(2);
    const answer = await api.put(`${at}/routes/one`, route([domain], large(FIT + 1)));
    expect(rejected(answer)).toMatchObject([
      422,
      [{ resource: 'routes/one', code: 'patterns-too-slow', path: `/http/${FIT}/match/0/uri/regex` }],
    ]);
    expect(answer.body.code).toBe('invalid-configuration');
    expect(answer.body.violations[0]).toMatchObject({ pointer: answer.body.violations[0].path });
    expect(answer.body.violations[0].message).toContain(`a request for ${domain} may meet`);
    expect((await api.put(`${at}/routes/one`, route([domain], large(FIT)))).status).toBe(201);
  });

  test('includes all routes of the host and of its wildcards', async () => {
    const { at, domain } = await tenant();
    const host = `a.${domain}`;
    expect((await api.put(`${at}/routes/one`, route([host], large(FIT - 1)))).status).toBe(201);
    expect((await api.put(`${at}/routes/other`, route([`b.${domain}`], large(2)))).status).toBe(201);
    for (const hosts of [[host], [`*.${domain}`], ['*', host]])
      expect(rejected(await api.put(`${at}/routes/two`, route(hosts, large(2))))).toMatchObject([
        422,
        [{ resource: 'routes/two', code: 'patterns-too-slow', path: '/http/1/match/0/uri/regex' }],
      ]);
    expect((await api.put(`${at}/routes/two`, route([`*.${domain}`], large(1)))).status).toBe(201);
  });

  test.each([
    ['method', { method: { regex: LARGE } }, 'method/regex'],
    ['headers', { headers: { 'x-a': { regex: LARGE } } }, 'headers/x-a/regex'],
    ['withoutHeaders', { withoutHeaders: { 'x-a': { regex: LARGE } } }, 'withoutHeaders/x-a/regex'],
    ['queryParams', { queryParams: { 'a/b': { regex: LARGE } } }, 'queryParams/a~1b/regex'],
  ])('counts patterns of %s', async (_, match, path) => {
    const { at, domain } = await tenant();
    const many = Array.from({ length: FIT + 1 }, () => match);
    expect(rejected(await api.put(`${at}/routes/one`, route([domain], many)))).toMatchObject([
      422,
      [{ path: `/http/${FIT}/match/0/${path}` }],
    ]);
  });

  test('in larger bodies, in a dry run and in a patch', async () => {
    const { at, domain } = await tenant();
    const routes = { one: route([domain], large(FIT)), two: route([domain], large(1)) };
    const pointer = '/routes/two/http/0/match/0/uri/regex';
    const document = { gateways: { edge: gateway(domain) }, routes };
    expect(rejected(await api.put(`${at}/configuration`, document))).toMatchObject([422, [{ pointer }]]);
    const foreseen = await api.put(`${at}/configuration?dryRun=true`, document);
    expect(foreseen.body.errors).toMatchObject([{ code: 'patterns-too-slow', pointer }]);
    const puts = Object.entries(routes).map(([name, spec]) => ({ kind: 'route', name, spec }));
    const published = await api.post(`${at}/revisions`, { puts });
    expect(published.body.violations).toMatchObject([{ pointer: '/puts/1/spec/http/0/match/0/uri/regex' }]);
    await api.put(`${at}/routes/one`, routes.one);
    const { http } = route([domain], large(FIT + 1));
    expect(rejected(await api.patch(`${at}/routes/one`, { http }))).toMatchObject([
      422,
      [{ code: 'patterns-too-slow' }],
    ]);
  });

  test('of many ordinary patterns is allowed', async () => {
    const { at, domain } = await tenant();
    const ordinary = Array.from({ length: 300 }, (_, i) => ({ uri: { regex: `/api/v[0-9]+/r${i}/[^/]+` } }));
    expect((await api.put(`${at}/routes/one`, route([domain], ordinary))).status).toBe(201);
  });
});

describe('the memory of the patterns of a tenant', () => {
  const MOST = Math.floor((64 * 1024 * 1024) / patternCost(LARGE).memory);
  const hosts = (domain: string, count: number) => Array.from({ length: count }, (_, i) => `h${i}.${domain}`);

  test('counts a pattern once for each host', async () => {
    const { at, domain } = await tenant();
    expect((await api.put(`${at}/routes/one`, route(hosts(domain, MOST), large(1)))).status).toBe(201);
    expect(rejected(await api.put(`${at}/routes/two`, route([`x.${domain}`], large(1))))).toMatchObject([
      422,
      [{ resource: 'routes/two', code: 'patterns-too-large', path: '/http/0/match/0/uri/regex' }],
    ]);
    const message = (await api.put(`${at}/routes/two`, route([`x.${domain}`], large(1)))).body.violations[0].message;
    expect(message).toContain("may need 64 MB of Envoy's memory in all, not");
  });

  test('and for each host below a wildcard, whichever resource adds it', async () => {
    const { at, domain } = await tenant();
    expect((await api.put(`${at}/routes/wide`, route([`*.${domain}`], large(1)))).status).toBe(201);
    expect((await api.put(`${at}/routes/plain`, route(hosts(domain, MOST - 1), [{}]))).status).toBe(201);
    for (const [path, spec] of [
      ['routes/more', route([`x.${domain}`], [{}])],
      ['gateways/more', gateway(`x.${domain}`)],
    ] as const)
      expect(rejected(await api.put(`${at}/${path}`, spec))).toMatchObject([
        422,
        [{ resource: path, code: 'patterns-too-large' }],
      ]);
    expect((await api.put(`${at}/routes/plain`, route(hosts(domain, MOST - 2), [{}]))).status).toBe(200);
    expect((await api.put(`${at}/routes/more`, route([`x.${domain}`], [{}]))).status).toBe(201);
  });
});

test.skipIf(elsewhere)(
  'a tenant whose patterns cost more already may make every change that does not add to it',
  async () => {
    const { at, domain } = await tenant();
    await api.put(`${at}/routes/one`, route([domain], large(FIT)));
    // The operator lowers the limits; a new start would do the same.
    const { settings } = api.app!.services;
    const before = { ...settings };
    Object.assign(settings, { patternTime: 1, patternMemory: 1 });
    try {
      const statuses = [
        (await api.put(`${at}/upstreams/web`, upstream())).status,
        (await api.patch(`${at}/routes/one`, { labels: { team: 'a' } })).status,
        (await api.put(`${at}/routes/plain`, route([domain], [{}]))).status,
        (await api.put(`${at}/routes/one`, route([domain], large(FIT - 1)))).status,
      ];
      expect(statuses).toEqual([201, 200, 201, 200]);
      expect(rejected(await api.put(`${at}/routes/one`, route([domain], large(FIT))))).toMatchObject([
        422,
        [{ code: 'patterns-too-slow' }, { code: 'patterns-too-large' }],
      ]);
      expect((await api.get(`${at}/routes/one`)).status).toBe(200);
      expect((await api.remove(`${at}/routes/one`)).status).toBe(204);
    } finally {
      Object.assign(settings, before);
    }
  },
);

describe('the patterns of a route of another tenant', () => {
  /** One pattern, which fits. Each condition of the parent that delegates to it counts it again. */
  const child = (parent: string, count: number) => ({
    parents: [`${parent}/main`],
    http: Array.from({ length: count }, () => ({
      match: [{ headers: { 'x-a': { regex: LARGE } } }],
      directResponse: { status: 200 },
    })),
  });
  const delegating = (child: string, conditions: number) => [
    {
      match: Array.from({ length: conditions }, (_, index) => ({
        uri: { pathPrefix: '/' },
        withoutHeaders: { [`x-${index}`]: { present: true } },
      })),
      delegate: { route: `${child}/child` },
    },
  ];

  test('count for the host of the parent, and cannot lock the parent out of its own changes', async () => {
    const parent = await tenant();
    const other = await tenant();
    const [name, otherName] = [parent.at, other.at].map((at) => at.split('/').at(-1)!) as [string, string];
    const main = (conditions: number) => ({
      hosts: [parent.domain],
      gateways: ['edge'],
      http: delegating(otherName, conditions),
    });
    const plain = { parents: [`${name}/main`], http: [{ directResponse: { status: 200 } }] };
    expect((await api.put(`${other.at}/routes/child`, plain)).status).toBe(201);
    expect((await api.put(`${parent.at}/routes/main`, main(FIT))).status).toBe(201);
    expect((await api.put(`${other.at}/routes/child`, child(name, 1))).status).toBe(200);
    expect(rejected(await api.put(`${other.at}/routes/child`, child(name, 2)))).toMatchObject([
      422,
      [{ code: 'patterns-too-slow', message: expect.stringContaining(`the conditions of ${name}`) }],
    ]);
    expect((await api.put(`${parent.at}/routes/more`, route([parent.domain], [{}]))).status).toBe(201);
    expect((await api.put(`${parent.at}/routes/main`, main(1))).status).toBe(200);
  });
});

test('a route delegates to a limited number of conditions in all', async () => {
  const { at, domain } = await tenant();
  const conditions = (count: number, field: string) =>
    Array.from({ length: count }, (_, index) => ({ headers: { [field]: { exact: `${index}` } } }));
  const rule = { directResponse: { status: 200 } };
  const child = {
    parents: ['main'],
    http: Array.from({ length: 8 }, (_, n) => ({ match: conditions(64, `x-${n}`), ...rule })),
  };
  expect((await api.put(`${at}/routes/child`, child)).status).toBe(201);
  const main = (rules: number) => ({
    ...{ hosts: [domain], gateways: ['edge'] },
    http: Array.from({ length: rules }, () => ({
      match: [{ uri: { pathPrefix: '/' } }],
      delegate: { route: 'child' },
    })),
  });
  expect((await api.put(`${at}/routes/main`, main(4))).status).toBe(201);
  expect(rejected(await api.put(`${at}/routes/main`, main(5)))).toMatchObject([
    422,
    [{ resource: 'routes/main', path: '/http/4/delegate', code: 'too-big' }],
  ]);
});

test('the limits are generous unless the operator says otherwise', () =>
  expect(readSettings({})).toMatchObject({ patternTime: 100, patternMemory: 128 }));
