/** What rules do with requests, on a real Envoy. Each host is cold at the first request of a test, and warm after it. */
import { Agent, get as httpGet } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain } from '../../model/explain/explain.ts';
import { Rule } from '../../model/route/rule.ts';
import { type Answer, ask } from './ask.ts';
import { startEcho, TENANT } from './compiled-edge.ts';
import { type Served, serving } from './edge.ts';

const REQUESTS = 20_000;

let served: Served;
let echo: Awaited<ReturnType<typeof startEcho>>;
/** It answers 203. */
let canary: Awaited<ReturnType<typeof startEcho>>;

const to = (upstream: string, weight?: number, more: object = {}) => ({
  destination: { upstream },
  ...(weight !== undefined && { weight }),
  ...more,
});
const hosts: Record<string, object[]> = {
  'mapped.test': [{ redirect: { scheme: 'https' } }],
  'public.test': [{ redirect: { scheme: 'https', port: 8443 } }],
  'strip.test': [{ match: [{ uri: { pathPrefix: '/api/foo/' } }], redirect: { prefix: '/' } }],
  'answers.test': [
    {
      match: [{ uri: { exact: '/page' } }],
      directResponse: {
        status: 503,
        body: '<p>100%</p>',
        contentType: 'text/html; charset=utf-8',
        headers: { 'retry-after': '9', 'x-removed': '1' },
      },
      headers: { response: { set: { 'x-set': '%REQ(x)%' }, remove: ['x-removed'] } },
    },
    ...[204, 205, 304].map((status) => ({
      match: [{ uri: { exact: `/${status}` } }],
      directResponse: { status, headers: { etag: '"1"' } },
    })),
  ],
  'shares.test': [
    {
      match: [{ uri: { prefix: '/a' } }],
      rewrite: { uri: '/', authority: 'rule.internal' },
      headers: { request: { set: { 'x-by': 'rule', 'x-all': '1' } }, response: { set: { 'x-by': 'rule' } } },
      route: [
        to('one', 7),
        to('two', 2, {
          rewrite: { uri: '/two', authority: 'two.internal' },
          headers: { request: { set: { 'x-by': 'two' }, remove: ['x-all'] }, response: { add: { 'x-by': 'two' } } },
        }),
        { directResponse: { status: 500, headers: { 'x-by': 'nobody' } }, weight: 1 },
        to('never', 0),
      ],
    },
    {
      match: [{ uri: { prefix: '/uneven' } }],
      route: [to('one', 1_000_000), { directResponse: { status: 500 }, weight: 333_333 }, to('two', 42)],
    },
    { match: [{ uri: { prefix: '/canary' } }], route: [to('one', 95), to('canary', 5)] },
    {
      match: [{ uri: { prefix: '/full' } }],
      rewrite: { uri: '/never' },
      route: [to('one', undefined, { rewrite: { fullPath: '/a\\1b' } })],
    },
    { route: [to('one', undefined, { rewrite: { uri: '/only' } })] },
  ],
};

beforeAll(async () => {
  [echo, canary] = [await startEcho(), await startEcho(async () => 203)];
  // Closing an idle connection just as Envoy sends a request on it would fail that request.
  for (const { server } of [echo, canary]) server.keepAliveTimeout = 0;
  const names = Object.keys(hosts);
  const at = (port: number) => ({ port, endpoints: [{ address: '127.0.0.1' }] });
  const upstream = at(echo.port);
  served = await serving(
    {
      gateways: {
        web: {
          selector: { ingress: 'public' },
          servers: [
            { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: names },
            {
              port: { number: 443, name: 'https', protocol: 'HTTPS' },
              hosts: names,
              tls: { mode: 'SIMPLE', credentialName: 'all' },
            },
          ],
        },
      },
      routes: Object.fromEntries(
        names.map((host) => [
          host.replace('.', '-'),
          { hosts: [host], gateways: ['web'], http: hosts[host]!.map((rule) => Rule.parse(rule)) },
        ]),
      ),
      upstreams: { one: upstream, two: upstream, never: upstream, canary: at(canary.port) },
    },
    { all: names },
  );
});
afterAll(async () => {
  await served?.edge.close();
  echo?.server.close();
  canary?.server.close();
});

/** The same request twice per protocol: the first over HTTP is for a cold host. */
async function twice(host: string, path: string, headers: Record<string, string> = {}): Promise<Answer[]> {
  const { ports, authority } = served;
  const all: Answer[] = [];
  for (const isSecure of [false, true])
    for (let n = 0; n < 2; n++)
      all.push(
        await ask(
          {
            port: isSecure ? ports.https : ports.http,
            path,
            headers: { host, ...headers },
            ...(isSecure && { servername: host, ca: authority.pem }),
          },
          isSecure,
        ),
      );
  return all;
}

test('a redirect to https names no port, whatever port the client reached', async () => {
  for (const { status, headers } of await twice('mapped.test', '/path?q', { host: `mapped.test:${served.ports.http}` }))
    expect([status, headers.location]).toEqual([301, 'https://mapped.test/path?q']);
});

test('a redirect to another public port of https names that port', async () => {
  for (const { headers } of await twice('public.test', '/path'))
    expect(headers.location).toBe('https://public.test:8443/path');
});

test('a redirect that removes a prefix never writes two slashes', async () => {
  const locations = (await twice('strip.test', '/api/foo/bar')).map(({ headers }) => headers.location);
  expect(locations).toEqual([...Array(2).fill('http://strip.test/bar'), ...Array(2).fill('https://strip.test/bar')]);
});

test('a direct response has its content type and headers', async () => {
  for (const { status, headers, body } of await twice('answers.test', '/page')) {
    expect([status, body]).toEqual([503, '<p>100%</p>']);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'retry-after': '9',
      'x-set': '%REQ(x)%',
    });
    expect(headers).not.toHaveProperty('x-removed');
  }
});

test.each([204, 205, 304])('a direct response with status %s has no body', async (expected) => {
  for (const { status, headers, body } of await twice('answers.test', `/${expected}`)) {
    expect([status, headers.etag, body]).toEqual([expected, '"1"', '']);
    expect(headers).not.toHaveProperty('content-type');
    expect(headers['content-length'] ?? '0').toBe('0');
  }
});

/** @returns the number of answers by what `tell` says about them */
async function counted(
  path: string,
  tell: (answer: Answer) => string,
  requests = REQUESTS,
): Promise<Record<string, number>> {
  const agent = new Agent({ keepAlive: true });
  const counts: Record<string, number> = {};
  const one = () =>
    new Promise<Answer>((resolve, reject) => {
      const options = { host: '127.0.0.1', port: served.ports.http, path, agent, headers: { host: 'shares.test' } };
      httpGet(options, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => {
          const { statusCode, headers } = response;
          const seen = statusCode === 200 ? JSON.parse(body) : undefined;
          resolve({ status: statusCode!, headers, body, ...(seen && { seen }) });
        });
      }).on('error', reject);
    });
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let n = 0; n < requests / 16; n++) {
        const what = tell(await one());
        counts[what] = (counts[what] ?? 0) + 1;
      }
    }),
  );
  agent.destroy();
  return counts;
}

/** Each share is within one percent of all requests of what explain says, unless there is another `tolerance`. */
function expectShares(counts: Record<string, number>, percents: Record<string, number>, tolerance = 1): void {
  expect(Object.keys(counts).sort()).toEqual(
    Object.keys(percents)
      .filter((name) => percents[name]! > 0.01)
      .sort(),
  );
  const requests = Object.values(counts).reduce((sum, count) => sum + count, 0);
  for (const [name, count] of Object.entries(counts))
    expect(Math.abs((100 * count) / requests - percents[name]!), `${name}: ${count}`).toBeLessThan(tolerance);
}

test('each share of a rule has the path, host and headers of its destination, in proportion to the weights', async () => {
  const tell = ({ status, headers, seen }: Answer) =>
    [status, headers['x-by'], seen?.url, seen?.headers.host, seen?.headers['x-by'], seen?.headers['x-all']].join(' ');
  const counts = await counted('/a/b?c', tell);
  const [one, two, nobody] = [
    '200 rule /b?c rule.internal rule 1',
    '200 rule, two /two/b?c two.internal two ',
    '500 rule    ',
  ] as const;
  expectShares(counts, { [one]: 70, [two]: 20, [nobody]: 10 });
  const answer = explain(served.configuration, TENANT, served.fleet, { authority: 'shares.test', path: '/a/b?c' });
  expect(answer).toMatchObject({
    outcome: 'matched',
    effect: {
      destinations: [
        { upstream: 'one', percent: 70 },
        { upstream: 'two', percent: 20, request: { path: '/two/b?c', authority: 'two.internal' } },
        { upstream: 'never', percent: 0 },
      ],
      answers: [{ percent: 10, answer: { status: 500, headers: { 'x-by': 'nobody' } } }],
      request: { path: '/b?c', authority: 'rule.internal' },
    },
  });
});

test('a canary gets 5 % of 20,000 requests', async () => {
  expectShares(await counted('/canary', ({ status }) => String(status)), { 200: 95, 203: 5 });
});

test('the shares are right for any weights', async () => {
  const counts = await counted('/uneven', ({ status }) => String(status), 2000);
  // Five standard deviations.
  expectShares(counts, { 200: 75, 500: 25 }, 4.9);
});

test('a single destination has its own rewrite, over HTTP and HTTPS', async () => {
  for (const { seen } of await twice('shares.test', '/x?y')) expect(seen?.url).toBe('/only/x?y');
});

test('a full path replaces the whole path of a prefix match', async () => {
  for (const { seen } of await twice('shares.test', '/full/x?y')) expect(seen?.url).toBe('/a\\1b?y');
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
