/** Paths that are rewritten by a pattern, on a real Envoy, which agrees with explain about each of them. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain } from '../../model/explain/explain.ts';
import type { EscapedSlashes } from '../../model/kinds/gateway.ts';
import { normalisePath } from '../../model/matching/path.ts';
import { Rule } from '../../model/route/rule.ts';
import { ask } from './ask.ts';
import { startEcho, TENANT } from './compiled-edge.ts';
import { raw, type Served, serving } from './edge.ts';

const REWRITES = Number(process.env.REWRITES ?? 900);
const CHOICES: EscapedSlashes[] = ['keep', 'redirect', 'reject'];
const SEED = 7;

/** The rules of a host by its name: a condition, a pattern and a substitution. */
const CASES: Record<string, [match: object, pattern: string, substitution: string]> = {
  users: [{}, '/users/([0-9]+)/(.*)', '/\\2/of/\\1'],
  off: [{}, '/off(.*)', '/x/\\1'],
  below: [{ uri: { pathPrefix: '/off' } }, '/[a-z]*(.*)', '/x/\\1'],
  exact: [{ uri: { exact: '/off..x' } }, '/off(.*)x', '/x/\\1'],
  pattern: [{ uri: { regex: '/o.*' } }, '/off(.*)', '/x/\\1'],
  cased: [{ uri: { prefix: '/OFF' }, ignoreUriCase: true }, '(?i)/off(.*)', '/x/\\1'],
  optional: [{}, '/off/?(.*)', '/out/\\1'],
  swapped: [{}, '/(.*)/-/(.*)', '/\\2/\\1'],
  dotted: [{}, '/(.*)-(.*)', '/\\1.\\2'],
  escape: [{}, '/(.*)-(.*)', '/\\12f\\2'],
  utf8: [{}, '/é(.*)', '/é\\1'],
  whole: [{}, '.*', '/v2\\0'],
  inside: [{}, 'users', '/never'],
};
const NAMES = Object.keys(CASES);
const host = (name: string, choice: EscapedSlashes = 'redirect') => `${name}.${choice}.test`;

let served: Served;
let echo: Awaited<ReturnType<typeof startEcho>>;
beforeAll(async () => {
  echo = await startEcho();
  const hosts = (choice: EscapedSlashes) => NAMES.map((name) => host(name, choice));
  served = await serving(
    {
      gateways: {
        web: {
          selector: { ingress: 'public' },
          servers: CHOICES.flatMap((escapedSlashes) => [
            {
              port: { number: 80, name: `http-${escapedSlashes}`, protocol: 'HTTP' as const },
              hosts: hosts(escapedSlashes),
              escapedSlashes,
            },
            {
              port: { number: 443, name: `https-${escapedSlashes}`, protocol: 'HTTPS' as const },
              hosts: hosts(escapedSlashes),
              escapedSlashes,
              tls: { mode: 'SIMPLE' as const, credentialName: 'all' },
            },
          ]),
        },
      },
      routes: Object.fromEntries(
        NAMES.map((name) => {
          const [match, pattern, substitution] = CASES[name]!;
          const rewrite = { regex: { pattern, substitution } };
          const http = [Rule.parse({ match: [match], rewrite, route: [{ destination: { upstream: 'echo' } }] })];
          return [name, { hosts: CHOICES.map((choice) => host(name, choice)), gateways: ['web'], http }];
        }),
      ),
      upstreams: { echo: { port: 80, endpoints: [{ address: '127.0.0.1', port: echo.port }] } },
    },
    { all: CHOICES.flatMap(hosts) },
  );
});
afterAll(async () => {
  await served?.edge.close();
  echo?.server.close();
});

async function get(authority: string, path: string): Promise<string | number> {
  const [answer] = await raw({ port: served.ports.http }, `GET ${path} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`);
  return answer!.status === 200 ? (JSON.parse(answer!.body).url as string) : answer!.status;
}

test.each<[name: string, path: string, expected: string | number]>([
  ['users', '/users/7/posts/1?x=/users/8/', '/posts/1/of/7?x=/users/8/'],
  ['users', '/users/x/posts', '/users/x/posts'],
  ['users', '/users/7/', 403],
  ['off', '/offer', '/x/er'],
  ['off', '/off../admin', 403],
  ['off', '/off/y', 403],
  ['off', '/off?/../admin', '/x/?/../admin'],
  ['below', '/off/..x', 403],
  ['below', '/other../x', 404],
  ['exact', '/off..x', 403],
  ['pattern', '/off..', 403],
  ['cased', '/OfF..', 403],
  ['cased', '/OfFer', '/x/er'],
  ['optional', '/off/x', '/out/x'],
  ['optional', '/off../x', 403],
  ['swapped', '/a/b/-/c', '/c/a/b'],
  ['swapped', '/a/-/', 403],
  ['dotted', '/a-b', '/a.b'],
  ['dotted', '/x/-', 403],
  ['utf8', '/%c3%a9/1', '/%C3%A9/1'],
  ['whole', '/a/b?c', '/v2/a/b?c'],
  ['inside', '/users', '/users'],
])('on the host %s, %s becomes %s, over HTTP and HTTPS', async (name, path, expected) => {
  const authority = host(name);
  expect(await get(authority, path)).toBe(expected);
  const secure = { port: served.ports.https, path, headers: { host: authority } };
  const { status, seen } = await ask({ ...secure, servername: authority, ca: served.authority.pem }, true);
  expect(seen?.url ?? status).toBe(expected);
});

test.each([
  ['keep', '/x/%2Fy', 200],
  ['redirect', undefined, 307],
  ['reject', undefined, 400],
] as const)('with escapedSlashes: %s, an escaped slash in a group', async (choice, url, status) => {
  expect(await get(host('off', choice), '/off%2Fy')).toBe(url ?? status);
});

/** A dot segment for an application that decodes once and drops parameters, or two slashes. */
const broken = (path: string) => /(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/\\;]|%2f|%5c|%3b)|\/\//i.test(path);

test('no generated path gets a dot segment, and explain knows each new path', async () => {
  const piece = fc.constantFrom(
    ...['/', '/', '/-/', '-', '.', '..', ';', '%3b', '%2f', '%2F', '%5c', '%', '2', 'f', 'x', 'X', '%c3%a9', 'off'],
    ...['users/7', 'off', 'OFF'],
  );
  const paths = fc.array(piece, { maxLength: 5 }).map((pieces) => `/${pieces.join('')}`);
  const outcomes = { forwarded: 0, changed: 0, rejected: 0 };
  for (const [n, path] of fc.sample(paths, { numRuns: REWRITES, seed: SEED }).entries()) {
    const choice = CHOICES[Math.floor(n / NAMES.length) % CHOICES.length]!;
    const authority = host(NAMES[n % NAMES.length]!, choice);
    const answer = explain(served.configuration, TENANT, served.fleet, { authority, path });
    const seen = await get(authority, path);
    if (answer.outcome !== 'matched') {
      expect(seen, `${authority}${path}`).toBe(answer.status);
      outcomes.rejected++;
      continue;
    }
    expect(answer.effect, `${authority}${path}`).toMatchObject({ request: { path: seen } });
    outcomes.forwarded++;
    if (seen !== normalisePath(path).path) outcomes.changed++;
    // With `keep`, dot segments beside escaped slashes that the client sent are left to the application.
    if (!broken(normalisePath(path).path)) expect(broken(String(seen)), `${path} became ${seen}`).toBe(false);
  }
  expect(outcomes.changed).toBeGreaterThan(REWRITES / 12);
  expect(outcomes.rejected).toBeGreaterThan(REWRITES / 12);
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
