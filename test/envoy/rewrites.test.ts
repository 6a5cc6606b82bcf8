/** Rewritten paths on a real Envoy: an application never gets a dot segment that a rewrite made. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain } from '../../model/explain/explain.ts';
import type { EscapedSlashes } from '../../model/kinds/gateway.ts';
import { normalisePath } from '../../model/matching/path.ts';
import type { UriMatch } from '../../model/route/matchers.ts';
import type { Rule } from '../../model/route/rule.ts';
import { startEcho, TENANT } from './compiled-edge.ts';
import { raw, type Served, serving } from './edge.ts';

const REWRITES = Number(process.env.REWRITES ?? 1200);
const CHOICES: EscapedSlashes[] = ['keep', 'redirect', 'reject'];
const SEED = 4;

type Case = [uri: UriMatch | undefined, rewrite: string, ignoreUriCase?: true];

const WRITTEN: Case[] = [
  [{ prefix: '/off' }, '/'],
  [{ prefix: '/off.' }, '/'],
  [{ prefix: '/off/' }, '/'],
  [{ prefix: '/off' }, '/x.'],
  [{ prefix: '/off' }, '/x/.'],
  [{ prefix: '/off' }, '/x/..'],
  [{ prefix: '/off' }, '/x/%2e'],
  [{ prefix: '/off' }, '/%'],
  [{ prefix: '/off' }, '/x%2'],
  [{ prefix: '/off' }, '/x%2f'],
  [{ prefix: '/off' }, '/x\\'],
  [{ prefix: '/OFF' }, '/', true],
  [{ prefix: '/öff' }, '/'],
  [{ prefix: '/off;' }, '/'],
  [{ pathPrefix: '/off' }, '/'],
  [{ pathPrefix: '/off' }, '/x/..'],
  [{ pathPrefix: '/off' }, '/x/..;v/y'],
  [{ exact: '/off' }, '/a/../b'],
  [{ regex: '/off.*' }, '/a/%2e%2e;v/b/.'],
  [undefined, '/x/.'],
];
const mark = fc.constantFrom(...['/', '/', '.', '..', ';', '%', '%2', '%2f', '%2e', '%3b', '\\', 'x', 'é', 'X']);
const text = (maxLength: number) => fc.array(mark, { maxLength }).map((pieces) => `/${pieces.join('')}`);
const generated = fc
  .record({
    kind: fc.constantFrom('prefix', 'prefix', 'prefix', 'pathPrefix', 'exact'),
    path: text(3),
    rewrite: text(4),
    ignoring: fc.boolean(),
  })
  .map(({ kind, path, rewrite, ignoring }): Case => {
    const uri = { [kind]: path };
    return ignoring ? [uri, rewrite, true] : [uri, rewrite];
  });
const CASES = [...WRITTEN, ...fc.sample(generated, { numRuns: 180, seed: SEED })];

const host = (choice: EscapedSlashes, index: number) => `r${index}.${choice}.test`;

let served: Served;
let echo: Awaited<ReturnType<typeof startEcho>>;
beforeAll(async () => {
  echo = await startEcho();
  const rule = ([uri, rewrite, ignoreUriCase]: Case): Rule => ({
    match: [{ ...(uri && { uri }), ...(ignoreUriCase && { ignoreUriCase }) }],
    rewrite: { uri: rewrite },
    route: [{ destination: { upstream: 'echo' } }],
  });
  served = await serving({
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: CHOICES.map((escapedSlashes) => ({
          port: { number: 80, name: `http-${escapedSlashes}`, protocol: 'HTTP' },
          hosts: [`*.${escapedSlashes}.test`],
          escapedSlashes,
        })),
      },
    },
    routes: Object.fromEntries(
      CASES.map((each, index) => [
        `r${index}`,
        { hosts: CHOICES.map((choice) => host(choice, index)), gateways: ['web'], http: [rule(each)] },
      ]),
    ),
    upstreams: { echo: { port: 80, endpoints: [{ address: '127.0.0.1', port: echo.port }] } },
  });
});
afterAll(async () => {
  await served?.edge.close();
  echo?.server.close();
});

async function get(name: string, path: string) {
  const [answer] = await raw({ port: served.ports.http }, `GET ${path} HTTP/1.1\r\nhost: ${name}\r\n\r\n`);
  const { status, body } = answer!;
  return { status, url: body.startsWith('{') ? (JSON.parse(body).url as string) : undefined };
}

test.each(['..;/admin', '../admin', '..%3b/x', '..%3B', '..', '.', './', '.;a=b', '..;', '../?q'])(
  'with a prefix /off that is replaced by /, /off%s is rejected',
  async (rest) => {
    for (const choice of CHOICES) expect(await get(host(choice, 0), `/off${rest}`)).toEqual({ status: 403 });
  },
);

test.each([
  ['/off', '/'],
  ['/off/', '/'],
  ['/offer/x', '/er/x'],
  ['/off.well-known', '/.well-known'],
  ['/off...', '/...'],
  ['/off..x/y', '/..x/y'],
  ['/off/a..;b/c?d=/..;/', '/a..;b/c?d=/..;/'],
])('%s becomes %s', async (path, url) => {
  for (const choice of CHOICES) expect(await get(host(choice, 0), path)).toEqual({ status: 200, url });
});

test.each([
  ['/x.', '/off/y', '/x./y'],
  ['/x/.', '/offknown', '/x/.known'],
  ['/x/..', '/off', undefined],
  ['/%', '/off2e./admin', '/%252e./admin'],
  ['/x%2', '/off2..', '/x%2522..'],
])('with a prefix /off that is replaced by %s, %s becomes %s', async (rewrite, path, url) => {
  const index = CASES.findIndex(([uri, to]) => uri?.prefix === '/off' && to === rewrite);
  expect((await get(host('keep', index), path)).url).toBe(url);
});

test('dot segments in a rewrite are resolved', async () => {
  const at = (rewrite: string) =>
    host(
      'redirect',
      CASES.findIndex(([, to]) => to === rewrite),
    );
  expect((await get(at('/a/../b'), '/off')).url).toBe('/b');
  expect((await get(at('/a/%2e%2e;v/b/.'), '/off')).url).toBe('/b/');
  expect((await get(at('/x/..;v/y'), '/off/z')).url).toBe('/y/z');
});

/** A dot segment for an application that decodes once and drops parameters. */
const dotted = (url: string) => /(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/\\;]|%2f|%5c|%3b)/i.test(url);

test('no generated rewrite makes a dot segment, and explain agrees', async () => {
  const piece = fc.constantFrom(
    ...[
      '/',
      '/',
      '.',
      '.',
      '..',
      ';',
      '%3b',
      '%2e',
      '%2f',
      '%2F',
      '%5c',
      '%',
      '2e',
      '2f',
      'e',
      'f',
      'x',
      'X',
      '%c3%a9',
    ],
  );
  const rest = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
  const { configuration, fleet } = served;
  const outcomes = { forwarded: 0, rejected: 0 };
  for (const [n, more] of fc.sample(rest, { numRuns: REWRITES, seed: SEED }).entries()) {
    const index = n % CASES.length;
    const choice = CHOICES[Math.floor(n / CASES.length) % CHOICES.length]!;
    const authority = host(choice, index);
    const [uri = {}, rewrite] = CASES[index]!;
    const [written = '/'] = Object.values(uri);
    const path = `${written}${more}`.replace(/[^ -~]+/g, encodeURIComponent);
    const what = `${JSON.stringify(uri)} → ${rewrite}, ${choice}: ${path}`;
    const answer = explain(configuration, TENANT, fleet, { authority, path });
    const { status, url } = await get(authority, path);
    if (answer.outcome !== 'matched') {
      expect(status, what).toBe(answer.status);
      outcomes.rejected++;
      continue;
    }
    expect(url, what).toBeDefined();
    outcomes.forwarded++;
    // With `keep`, dot segments beside escaped slashes that the client sent are left to the application.
    if (choice !== 'keep' || !dotted(normalisePath(path).path))
      expect(dotted(url!), `${what} became ${url}`).toBe(false);
  }
  expect(outcomes.forwarded).toBeGreaterThan(REWRITES / 5);
  expect(outcomes.rejected).toBeGreaterThan(REWRITES / 20);
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
