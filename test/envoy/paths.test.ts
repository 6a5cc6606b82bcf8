/**
 * Paths on a real Envoy: how rules see them, with every setting for escaped slashes. Each host is cold at its first
 * request.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../../model/explain/explain.ts';
import type { EscapedSlashes } from '../../model/kinds/gateway.ts';
import type { UriMatch } from '../../model/route/matchers.ts';
import type { Rule } from '../../model/route/rule.ts';
import { startEcho, TENANT } from './compiled-edge.ts';
import { raw, type Served, serving } from './edge.ts';

const GUARDED = Number(process.env.GUARDED ?? 900);
const CHOICES: EscapedSlashes[] = ['keep', 'redirect', 'reject'];
/** Each rule's response names the path as the rule writes it. */
const WRITTEN: [name: string, uri: UriMatch, ignoreUriCase?: true][] = [
  ['root', { exact: '/' }],
  ['utf-8', { exact: '/café' }],
  ['utf-8 prefix', { pathPrefix: '/münchen/straße' }],
  ['string prefix', { prefix: '/日本' }],
  ['lower-case escape', { exact: '/x%c3%a9' }],
  ['escape of a letter', { exact: '/%61bc' }],
  ['dot segments', { exact: '/one/../two' }],
  ['doubled slashes', { pathPrefix: '//three//four//' }],
  ['braces', { exact: '/a{b}' }],
  ['regex', { regex: '/ünder/[a-z]+' }],
  ['regex of escapes', { regex: '/re/%c3%a4+|/re/%61' }],
  ['ignoring case', { pathPrefix: '/ÄPFEL' }, true],
  ['escaped slash', { exact: '/@scope%2fpkg' }],
];

let served: Served;
let echo: Awaited<ReturnType<typeof startEcho>>;

const say = (body: string, uri: UriMatch, ignoreUriCase?: true): Rule => ({
  match: [{ uri, ...(ignoreUriCase && { ignoreUriCase }) }],
  directResponse: { status: 200, body },
});
/** Each test, and each protocol, has its own host. */
const host = (choice: EscapedSlashes, name: string) => `${name}.${choice}.test`;

beforeAll(async () => {
  echo = await startEcho();
  const wildcards = (choice: EscapedSlashes) => [`*.${choice}.test`];
  served = await serving(
    {
      gateways: {
        web: {
          selector: { ingress: 'public' },
          servers: CHOICES.flatMap((choice) => [
            {
              port: { number: 80, name: `http-${choice}`, protocol: 'HTTP' as const },
              hosts: wildcards(choice),
              // The default.
              ...(choice !== 'redirect' && { escapedSlashes: choice }),
            },
            {
              port: { number: 443, name: `https-${choice}`, protocol: 'HTTPS' as const },
              hosts: wildcards(choice),
              tls: { mode: 'SIMPLE' as const, credentialName: 'any' },
              escapedSlashes: choice,
            },
          ]),
        },
      },
      routes: {
        rules: {
          hosts: CHOICES.flatMap((choice) => ['http', 'https', 'rules'].map((name) => host(choice, name))),
          gateways: ['web'],
          http: [
            ...WRITTEN.map(([name, uri, ignoreUriCase]) => say(name, uri, ignoreUriCase)),
            say('admin', { pathPrefix: '/admin' }),
            {
              match: [{ uri: { prefix: '/päth/' } }],
              rewrite: { uri: '/ä/' },
              route: [{ destination: { upstream: 'echo' } }],
            },
          ],
        },
        guarded: {
          hosts: CHOICES.map((choice) => host(choice, 'guarded')),
          gateways: ['web'],
          http: [
            { match: [{ uri: { pathPrefix: '/admin' } }], directResponse: { status: 403, body: 'guard' } },
            { route: [{ destination: { upstream: 'echo' } }] },
          ],
        },
        app: {
          hosts: CHOICES.flatMap((choice) => wildcards(choice)),
          gateways: ['web'],
          http: [{ route: [{ destination: { upstream: 'echo' } }] }],
        },
      },
      upstreams: { echo: { port: 80, endpoints: [{ address: '127.0.0.1', port: echo.port }] } },
    },
    { any: CHOICES.map((choice) => `*.${choice}.test`) },
  );
});
afterAll(async () => {
  await served?.edge.close();
  echo?.server.close();
});

const get = async (scheme: 'http' | 'https', name: string, path: string) => {
  const tls = scheme === 'https' && { tls: { servername: name, ca: served.authority.pem } };
  const [answer] = await raw({ port: served.ports[scheme], ...tls }, `GET ${path} HTTP/1.1\r\nhost: ${name}\r\n\r\n`);
  const { status, headers, body } = answer!;
  return {
    status,
    body,
    location: headers.location?.[0],
    url: body.startsWith('{') ? JSON.parse(body).url : undefined,
  };
};

describe.each(['http', 'https'] as const)('over %s, cold and warm', (scheme) => {
  test('escaped slashes are kept as the client wrote them', async () => {
    for (const path of ['/@scope%2Fpkg/-/pkg-1.0.tgz?x=%2F', '/@scope%2fpkg2', '/a%5Cb%5c', '/a%2f%2Fb'])
      expect(await get(scheme, host('keep', `kept-${scheme}`), path)).toMatchObject({ status: 200, url: path });
    expect((await get(scheme, host('keep', scheme), '/@scope%2Fpkg')).body).toBe('escaped slash');
  });

  test.each([
    ['/a%2Fb', '/a/b'],
    ['/a%2f%2Fb%5C%5cc?x=%2F', '/a/b/c?x=%2F'],
    ['/%2f%2Fevil.test', '/evil.test'],
    ['/public%2f..%2fadmin', '/admin'],
    ['/a%2f%2f..%2fb', '/a/b'],
    ['/a%2f.', '/a/'],
    ['/%2f', '/'],
  ])('escaped slashes are redirected: %s to %s', async (path, location) => {
    const name = host('redirect', `redirected-${scheme}-${location.replaceAll(/[^a-z]/g, '')}`);
    for (let times = 0; times < 2; times++)
      expect(await get(scheme, name, path)).toMatchObject({ status: 307, location });
    // The request that follows the redirect is served.
    expect(await get(scheme, name, location)).toMatchObject({ status: 200 });
  });

  test('escaped slashes are rejected in a path, but not in a query', async () => {
    const name = host('reject', `rejected-${scheme}`);
    for (const path of ['/a%2Fb', '/a%2fb', '/a%5Cb', '/a%5cb?x'])
      expect(await get(scheme, name, path)).toMatchObject({ status: 400 });
    expect(await get(scheme, name, '/a?x=%2F')).toMatchObject({ status: 200, url: '/a?x=%2F' });
  });

  test.each(['//', '///', '//?x=1', '/\\', '/.//', '/a/..//'])('the path %s is the root', async (path) => {
    const cold = host('redirect', scheme);
    expect(await get(scheme, cold, path)).toMatchObject({ status: 200, body: 'root' });
    const forwarded = await get(scheme, host('keep', `root-${scheme}`), path);
    expect(forwarded.url).toBe(`/${path.includes('?') ? '?x=1' : ''}`);
  });
});

test.each([
  ['utf-8', '/caf%C3%A9'],
  ['utf-8', '/caf%c3%a9?q'],
  ['utf-8 prefix', '/m%C3%BCnchen/stra%c3%9fe/1'],
  ['string prefix', '/%e6%97%a5%E6%9C%ACese'],
  ['lower-case escape', '/x%C3%a9'],
  ['escape of a letter', '/abc'],
  ['escape of a letter', '/a%62c'],
  ['dot segments', '/two'],
  ['doubled slashes', '/three/four/five'],
  ['braces', '/a{b}'],
  ['braces', '/a%7bb%7D'],
  ['regex', '/%c3%bcnder/x'],
  ['regex of escapes', '/re/%C3%A4'],
  ['regex of escapes', '/re/a'],
  ['ignoring case', '/%c3%84pfel/1'],
  ['admin', '/x/..//admin/y'],
  ['admin', '/x/..;/admin'],
])('the rule "%s" matches %s', async (name, path) =>
  expect(await get('http', host('redirect', 'rules'), path)).toMatchObject({ status: 200, body: name }),
);

describe.each(['http', 'https'] as const)(
  'a dot segment with parameters never reaches an application, over %s',
  (scheme) => {
    test.each([
      ...['/x/%2e%2e;/admin', '/x/.%2e;foo/admin', '/x/%2E%2e;/admin', '/x/%2E.;/admin', '/x/%2e%2e;', '/x/%2e;/y'],
      ...['/x/..%3b/admin', '/x/%2e.%3Ba=b/admin', '/x/..%3b', '/x/.%3B', '/%2e%2e;x', '/x//%2e%2e;//admin'],
      ...['/x\\%2e%2e;/admin', '/x%2f..;/admin', '/x%5C%2e%2e;/admin', '/x/%2e%2e;%2fadmin', '/x%2F.%2e%3b%2Fadmin'],
    ])('%s', async (path) => {
      for (const choice of CHOICES)
        for (const name of ['rules', scheme, `dots-${scheme}`])
          expect(await get(scheme, host(choice, name), `${path}?a=b`), `${choice} ${name}`).toMatchObject({
            status: 403,
            url: undefined,
            location: undefined,
          });
    });

    test('other parameters and a query are forwarded unchanged', async () => {
      for (const path of ['/a..;/b', '/...;/b', '/a;b/c', '/x/;../y', '/a%3bb', '/a?x=/..;/', '/a?x=/..%3b/'])
        expect((await get(scheme, host('keep', `parameters-${scheme}`), path)).url).toBe(path);
    });
  },
);

test('a rewrite removes a prefix in any spelling of its escapes, and keeps its own spelling', async () => {
  for (const path of ['/p%C3%A4th/x', '/p%c3%a4th/x'])
    expect((await get('http', host('redirect', 'rules'), path)).url).toBe('/%C3%A4/x');
});

test('explain and Envoy give the same result on generated paths', async () => {
  const piece = fc.constantFrom(
    ...[
      '/',
      '/',
      '/',
      '.',
      '..',
      ';',
      '\\',
      '%2e',
      '%2E',
      '%3b',
      '%3B',
      '%2F',
      '%2f',
      '%5c',
      '%',
      '%%',
      '4',
      '1',
      '%41',
      'a',
      'admin',
    ],
    ...['caf%C3%A9', 'caf%c3%a9', '{', '%7b', 'two', 'x%C3%a9', '@scope', 'pkg', '|', '~', '%7E'],
  );
  const path = fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => `/${pieces.join('')}`);
  const { configuration, fleet } = served;
  for (const [n, each] of fc.sample(path, { numRuns: 600, seed: 15 }).entries()) {
    const authority = host(CHOICES[n % CHOICES.length]!, 'rules');
    const answer = explain(configuration, TENANT, fleet, { authority, path: each });
    const got = await get('http', authority, each);
    const what = `${authority}${each}`;
    if (answer.outcome === 'redirect') expect([got.status, got.location], what).toEqual([307, answer.location]);
    else if (answer.outcome !== 'matched') expect(got.status, what).toBe(answer.status);
    else if (answer.rule.spec.directResponse) expect(got.body, what).toBe(answer.rule.spec.directResponse.body);
    else expect(got.url, what).toBeDefined();
  }
});

/** What an application sees that decodes once, drops parameters and then resolves dot segments. */
function resolvedByApplication(url: string): { path: string; dots: boolean } {
  const text = url
    .replace(/\?.*/, '')
    .replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  const segments = text.split(/[/\\]/).map((segment) => segment.replace(/;.*/s, ''));
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.' && segment !== '') kept.push(segment);
  }
  return { path: `/${kept.join('/')}`, dots: segments.some((segment) => segment === '.' || segment === '..') };
}

test('no generated path reaches a protected application by dot segments', async () => {
  const piece = fc.constantFrom(
    ...['/', '/', '/', '//', '.', '..', ';', ';a=b', '\\', '%2e', '%2E', '%252e', '%3b', '%3B', '%253b', '%2F', '%2f'],
    ...[
      '%5c',
      '%25',
      '%',
      '%%',
      '2e',
      '%00',
      '%09',
      'x',
      'admin',
      '%61dmin',
      'ADMIN',
      'caf%C3%A9',
      '\xe9',
      '%c0%ae',
      '#',
      '?',
    ],
  );
  const path = fc.array(piece, { minLength: 1, maxLength: 9 }).map((pieces) => `/${pieces.join('')}`);
  let forwarded = 0;
  for (const [n, each] of fc.sample(path, { numRuns: GUARDED, seed: 9 }).entries()) {
    const choice = CHOICES[n % CHOICES.length]!;
    const url = (await get('http', host(choice, 'guarded'), each)).url?.replace(/\?.*/, '');
    if (url === undefined) continue;
    forwarded++;
    const { path, dots } = resolvedByApplication(url);
    const what = `${choice} ${each} → ${url}`;
    // `keep` leaves escaped slashes to the application, as its description says, but not parameters of dot segments.
    if (choice === 'keep' && /%2f|%5c/i.test(url)) expect(url, what).not.toMatch(/(\/|%2f|%5c)(\.|%2e){1,2}(;|%3b)/i);
    else {
      expect(dots, what).toBe(false);
      // Parameters of other segments are part of the segment for rules.
      if (!/;|%3b/i.test(url)) expect(path, what).not.toMatch(/^\/admin(\/|$)/);
    }
  }
  expect(forwarded).toBeGreaterThan(GUARDED / 10);
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
