/** Pages of other origins in Chromium, and a real Envoy that serves both the pages and the application. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Rule } from '../../model/route/rule.ts';
import { hasBrowser, resultOf } from './browser.ts';
import { type Served, serving } from './edge.ts';

const PAGES = ['shop.test', 'other.test'];
const API = 'api.test';
let served: Served;
let app: Server;
/** The requests that reached the application, as `PUT /path cookie`. */
const seen: string[] = [];

/** Sends requests one after the other, and writes what the page may see of each. */
const page = `<!doctype html><pre id="result"></pre><script type="module">
  const attempts = JSON.parse(decodeURIComponent(location.hash.slice(1)));
  const results = [];
  for (const { url, ...options } of attempts)
    results.push(await fetch(url, options).then(
      async (response) => [response.status, await response.text(), response.headers.get('etag')].join(' '),
      () => 'blocked'));
  document.getElementById('result').textContent = JSON.stringify(results);
</script>`;

beforeAll(async () => {
  app = createServer((request, response) => {
    seen.push([request.method, request.url, request.headers.cookie].filter(Boolean).join(' '));
    response.writeHead(200, { etag: 'e', 'access-control-allow-origin': '*' }).end('data');
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const to = { route: [{ destination: { upstream: 'app' } }] };
  const cors = {
    allowOrigins: [{ exact: 'https://shop.test' }],
    allowMethods: ['PUT'],
    allowHeaders: ['x-token'],
    exposeHeaders: ['etag'],
    allowCredentials: true,
  };
  const http = [
    {
      match: [{ uri: { exact: '/put' }, method: { exact: 'PUT' }, headers: { 'x-token': { exact: 't' } } }],
      cors,
      ...to,
    },
    { match: [{ uri: { exact: '/pay' }, method: { exact: 'PUT' } }], ...to },
    { match: [{ uri: { exact: '/moved' } }], cors, redirect: { uri: '/get' } },
    { match: [{ uri: { exact: '/direct' } }], cors, directResponse: { status: 418, body: 'tea' } },
    { cors, ...to },
  ].map((rule) => Rule.parse(rule));
  const hosts = [...PAGES, API];
  served = await serving(
    {
      gateways: {
        g: {
          selector: { ingress: 'public' },
          servers: [
            {
              port: { number: 443, name: 'https', protocol: 'HTTPS' },
              hosts,
              tls: { mode: 'SIMPLE', credentialName: 'c' },
            },
          ],
        },
      },
      routes: {
        api: { hosts: [API], gateways: ['g'], http },
        pages: {
          hosts: PAGES,
          gateways: ['g'],
          http: [{ directResponse: { status: 200, body: page, contentType: 'text/html' } }],
        },
      },
      upstreams: { app: { port: (app.address() as AddressInfo).port, endpoints: [{ address: '127.0.0.1' }] } },
    },
    { c: hosts },
  );
});
afterAll(async () => {
  await served?.edge.close();
  app?.close();
});

/** Opens a page that sends requests, and returns what it sees of each and what reached the application. */
async function from(host: string, ...attempts: { path: string; [option: string]: unknown }[]) {
  seen.length = 0;
  const requests = attempts.map(({ path, ...options }) => ({ url: `https://${API}${path}`, ...options }));
  const hosts = Object.fromEntries([...PAGES, API].map((name) => [name, served.ports.https]));
  const text = await resultOf(`https://${host}/#${encodeURIComponent(JSON.stringify(requests))}`, hosts);
  return { results: JSON.parse(text) as string[], seen: [...seen] };
}

const put = { method: 'PUT', headers: { 'x-token': 't' } };

describe.runIf(hasBrowser())('a page', () => {
  test('of an allowed origin reads responses, after preflights that no upstream sees', async () => {
    const { results, seen } = await from(
      'shop.test',
      { path: '/put', ...put },
      { path: '/get', credentials: 'include' },
      { path: '/moved' },
      { path: '/direct', ...put },
      { path: '/pay', ...put },
      { path: '/get', method: 'DELETE' },
    );
    expect(results).toEqual(['200 data e', '200 data e', '200 data e', '418 tea ', 'blocked', 'blocked']);
    expect(seen).toEqual(['PUT /put', 'GET /get', 'GET /get']);
  });

  test('of another origin reads nothing, and sends no request that needs a preflight', async () => {
    const { results, seen } = await from('other.test', { path: '/put', ...put }, { path: '/get' }, { path: '/direct' });
    expect(results).toEqual(['blocked', 'blocked', 'blocked']);
    expect(seen).toEqual(['GET /get']);
  });
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
