import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPE_HEADER } from '../../dataplane/compile/index.ts';
import { Authority } from './authority.ts';
import { Backend } from './backend.ts';
import { saying, simple, upstream } from './configuration.ts';
import { h2, http, https } from './edge.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let authority: Authority;
let one: Backend;
let two: Backend;

beforeAll(async () => {
  [stack, authority, one, two] = await Promise.all([
    Stack.start(),
    Authority.create(),
    Backend.start('one'),
    Backend.start('two'),
  ]);
  const { gateways, routes, upstreams } = simple('shop.test', one, { https: 'shop' });
  await stack.createTenant('shop');
  const configuration = {
    gateways: {
      web: {
        ...gateways.web,
        servers: gateways.web.servers.map((server) => ({ ...server, hosts: ['shop.test', '*.shop.test'] })),
      },
      bare: {
        selector: { ingress: 'public' },
        servers: gateways.web.servers.map((server) => ({ ...server, hosts: ['bare.wild.shop.test'] })),
      },
    },
    upstreams: {
      ...upstreams,
      versions: {
        ...upstream(one, two),
        subsets: [
          { name: 'one', labels: { version: 'one' } },
          { name: 'two', labels: { version: 'two' } },
        ],
      },
    },
    routes: {
      ...routes,
      rules: {
        hosts: ['rules.shop.test'],
        gateways: ['web'],
        http: [
          {
            match: [{ headers: { 'end-user': { exact: 'jason' } } }],
            route: [{ destination: { upstream: 'versions', subset: 'two' } }],
          },
          {
            match: [{ uri: { pathPrefix: '/old' } }],
            rewrite: { uri: '/new' },
            route: [{ destination: { upstream: 'versions', subset: 'one' } }],
          },
          {
            match: [{ uri: { pathPrefix: '/canary' } }],
            route: [
              { destination: { upstream: 'versions', subset: 'one' }, weight: 95 },
              { destination: { upstream: 'versions', subset: 'two' }, weight: 5 },
            ],
          },
        ],
      },
      wild: saying('*.wild.shop.test', 'wild'),
    },
    certificates: { shop: await authority.issue('shop.test', '*.shop.test') },
  };
  await stack.publish('shop', 'configuration', configuration);
});

afterAll(async () => {
  await Promise.all([stack?.stop(), one?.stop(), two?.stop()]);
});

const ask = (host: string, path = '/', headers: Record<string, string> = {}) =>
  http({ port: stack.httpPort, host, path, headers });
const told = (answer: { body: string }) =>
  JSON.parse(answer.body) as { name: string; path: string; headers: Record<string, string> };

describe('HTTP', () => {
  it('serves a host over HTTP', async () => {
    const answer = await ask('shop.test', '/hello');
    expect(answer.status).toBe(200);
    expect(told(answer)).toMatchObject({ name: 'one', path: '/hello' });
  });

  it('answers 404 for an admitted host without a route, and for an unknown host', async () => {
    expect((await ask('other.shop.test')).status).toBe(404);
    expect((await ask('nobody.test')).status).toBe(404);
  });

  it('says that no route serves an unknown host, as a page to browsers, over HTTP and HTTPS', async () => {
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
    const at = { host: 'nobody.test', servername: 'shop.test', port: stack.httpsPort, ca: authority.pem };
    const answers = [
      [await ask('nobody.test'), await https(at), await h2(at)],
      [await ask('nobody.test', '/a', { accept }), await https({ ...at, headers: { accept } })],
    ];
    const [texts = [], pages = []] = answers.map((each) =>
      each.map(({ status, headers, body }) => [status, headers['content-type'], body]),
    );
    expect(texts).toEqual(texts.map(() => [404, 'text/plain', 'No route serves this host.']));
    const page = expect.stringMatching(/^<!doctype html>[\s\S]+<p>No route serves this host\.<\/p>/);
    expect(pages).toEqual(pages.map(() => [404, 'text/html; charset=utf-8', page]));
    // The answer is not about paths of hosts that are served.
    expect((await ask('rules.shop.test', '/older', { accept })).body).toBe('');
  });

  it.each(['SHOP.Test', 'shop.test:8080', 'shop.test.', 'Shop.TEST.:80'])(
    'serves %s as the same host',
    async (host) => {
      expect((await ask(host)).status).toBe(200);
    },
  );

  it('serves the hosts below a wildcard at any depth, but not its apex', async () => {
    expect((await ask('a.wild.shop.test')).body).toBe('wild');
    expect((await ask('A.b.Wild.shop.test')).body).toBe('wild');
    expect((await ask('wild.shop.test')).status).toBe(404);
  });

  it('answers 404 for a host that another gateway admits by name without a route, even below a wildcard with routes', async () => {
    expect((await ask('bare.wild.shop.test')).status).toBe(404);
    expect((await ask('Bare.wild.shop.test:80')).status).toBe(404);
  });

  it('ignores a spoofed scope header, and does not show the marker', async () => {
    expect((await ask('nobody.test', '/', { [SCOPE_HEADER]: '80|shop.test' })).status).toBe(404);
    const marker = await ask('shop.test', '/.well-known/gatehouse/revision', { 'x-gatehouse-probe': '1' });
    expect(told(marker)).toMatchObject({ name: 'one', path: '/.well-known/gatehouse/revision' });
  });

  it('does not send the reserved headers to the application', async () => {
    const { headers } = told(await ask('shop.test'));
    expect(Object.keys(headers).filter((name) => name.startsWith('x-gatehouse'))).toEqual([]);
  });
});

describe('routes', () => {
  it('matches a header', async () => {
    expect(told(await ask('rules.shop.test', '/canary', { 'end-user': 'jason' })).name).toBe('two');
  });

  it('rewrites a path', async () => {
    expect(told(await ask('rules.shop.test', '/old/x?y=1'))).toMatchObject({ name: 'one', path: '/new/x?y=1' });
  });

  it('matches whole segments only, and answers 404 to other paths', async () => {
    expect((await ask('rules.shop.test', '/older')).status).toBe(404);
  });

  it('splits 95 to 5', async () => {
    const before = two.requests;
    const rounds = 2000;
    for (let done = 0; done < rounds; done += 50)
      await Promise.all(Array.from({ length: 50 }, () => ask('rules.shop.test', '/canary')));
    const share = (two.requests - before) / rounds;
    // Five standard deviations of a binomial with p = 0.05 and n = 2,000.
    expect(share).toBeGreaterThan(0.05 - 0.0244);
    expect(share).toBeLessThan(0.05 + 0.0244);
  });
});

describe('HTTPS', () => {
  const secure = (host: string, servername = host) =>
    https({ port: stack.httpsPort, host, servername, ca: authority.pem });

  it('serves an exact host with a certificate that verifies', async () => {
    expect(told(await secure('shop.test')).name).toBe('one');
  });

  it('serves a host that only a wildcard admits, with 404 when it has no route', async () => {
    expect(
      told(
        await secure('rules.shop.test', 'rules.shop.test').then((a) => ({
          body: a.status === 404 ? '{"name":"404"}' : a.body,
        })),
      ).name,
    ).toBe('404');
    expect((await secure('other.shop.test')).status).toBe(404);
  });

  it('accepts a server name in any case', async () => {
    expect(
      (await https({ port: stack.httpsPort, host: 'shop.test', servername: 'SHOP.test', ca: authority.pem })).status,
    ).toBe(200);
  });

  it('fails the handshake immediately for an unknown server name, and without a server name', async () => {
    await expect(secure('nobody.test')).rejects.toThrow();
    await expect(secure('shop.test', '')).rejects.toThrow();
  });

  it('answers 421 for another tenant’s host, cold and warm, and serves hosts that the certificate covers', async () => {
    await stack.createTenant('rival');
    const { gateways, routes, upstreams } = simple('rival.test', two, { https: 'rival' });
    const certificates = { rival: await authority.issue('rival.test', 'wild.shop.test') };
    await stack.publish('rival', 'configuration', { gateways, routes, upstreams, certificates });
    for (let times = 0; times < 2; times++) expect((await secure('rival.test', 'shop.test')).status).toBe(421);
    expect((await secure('shop.test', 'rival.test')).status).toBe(421);
    expect(
      (await h2({ port: stack.httpsPort, host: 'rival.test', servername: 'shop.test', ca: authority.pem })).status,
    ).toBe(421);
    expect(told(await secure('rival.test')).name).toBe('two');
  });

  it('speaks HTTP/2', async () => {
    const answer = await h2({ port: stack.httpsPort, host: 'shop.test', path: '/two', ca: authority.pem });
    expect(answer.status).toBe(200);
    expect(told(answer).path).toBe('/two');
  });
});
