/** TLS to the endpoints of upstreams, on a real Envoy: what is verified, what is shown, and which protocol is spoken. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Authority, type Pair } from './authority.ts';
import { NameServer } from './dns.ts';
import { http, https } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let names: NameServer;
let [own, foreign, machine]: Authority[] = [];
let edge: Pair;
let client: Pair;
let plain: Server;
let mutual: Server;
let rooted: Server;
let second: Http2SecureServer;
let reached = 0;
const folder = mkdtempSync(join(tmpdir(), 'roots-'));

const portOf = (server: Server | Http2SecureServer) => (server.address() as AddressInfo).port;
const hostOf = (name: string) => `${name}.tls.test`;
const ask = (name: string) => http({ port: stack.httpPort, host: hostOf(name) });

beforeAll(async () => {
  names = await NameServer.start();
  names.set('app.dns.test', '127.0.0.1');
  [own, foreign, machine] = [await Authority.create(), await Authority.create(), await Authority.create()];
  const { certificateChain: cert, privateKey: key } = await own.issue('app.internal');
  client = await foreign.issue('gateway.acme');
  edge = await own.issue('*.tls.test');
  plain = createServer({ cert, key }, (request, response) => {
    reached++;
    response.end(`HTTP/${request.httpVersion} ${(request.socket as TLSSocket & { servername?: string }).servername}`);
  });
  mutual = createServer({ cert, key, ca: foreign.pem, requestCert: true }, (request, response) =>
    response.end((request.socket as TLSSocket).getPeerCertificate().subjectaltname),
  );
  second = createSecureServer({ cert, key }, (request, response) => void response.end(`HTTP/${request.httpVersion}`));
  const ofRoot = await machine.issue('public.example');
  rooted = createServer({ cert: ofRoot.certificateChain, key: ofRoot.privateKey }, (_request, response) => {
    reached++;
    response.end('rooted');
  });
  for (const server of [plain, mutual, second, rooted])
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const roots = join(folder, 'roots.pem');
  writeFileSync(roots, machine.pem);
  stack = await Stack.start({
    adapt: (config) => names.resolving(config),
    agentEnv: { ...names.resolver.agentEnv, SSL_CERT_FILE: roots },
  });
  await stack.createTenant('acme');
  const to = (server: Server | Http2SecureServer, more: object, address = '127.0.0.1') => ({
    port: portOf(server),
    endpoints: [{ address }],
    ...more,
  });
  const tls = { caCertificates: 'own', sni: 'app.internal' };
  const upstreams = {
    good: to(plain, { tls }),
    'wrong-ca': to(plain, { tls: { ...tls, caCertificates: 'foreign' } }),
    'wrong-name': to(plain, { tls: { ...tls, sni: 'other.internal' } }),
    named: to(plain, {
      tls: { caCertificates: 'own', sni: 'x.internal', subjectAltNames: ['spiffe://a/b', 'app.internal'] },
    }),
    mutual: to(mutual, { tls: { ...tls, credentialName: 'client' } }),
    anonymous: to(mutual, { tls }),
    'auto-1': to(plain, { tls, protocol: 'AUTO' }),
    'auto-2': to(second, { tls, protocol: 'AUTO' }),
    two: to(second, { tls, protocol: 'GRPC' }),
    dns: to(plain, { tls }, 'app.dns.test'),
    'machine-1': to(rooted, { tls: { sni: 'public.example' } }),
    'machine-2': to(rooted, { tls: { sni: 'x.example', subjectAltNames: ['public.example'] }, protocol: 'AUTO' }),
    'machine-name': to(rooted, { tls: { sni: 'other.example' } }),
    'machine-ca': to(plain, { tls: { sni: 'app.internal' } }),
  };
  const port = (number: number, protocol: string) => ({ number, name: protocol.toLowerCase(), protocol });
  await stack.publish('acme', 'configuration', {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [
          { port: port(80, 'HTTP'), hosts: ['*.tls.test'] },
          { port: port(443, 'HTTPS'), hosts: ['*.tls.test'], tls: { mode: 'SIMPLE', credentialName: 'edge' } },
        ],
      },
    },
    certificates: { edge, client },
    trustBundles: { own: { certificates: own.pem }, foreign: { certificates: foreign.pem } },
    upstreams,
    routes: Object.fromEntries(
      Object.keys(upstreams).map((upstream) => [
        upstream,
        { hosts: [hostOf(upstream)], gateways: ['web'], http: [{ route: [{ destination: { upstream } }] }] },
      ]),
    ),
  });
});
afterAll(async () => {
  await stack?.stop();
  await names?.stop();
  rmSync(folder, { recursive: true, force: true });
  for (const server of [plain, mutual, second, rooted]) server?.close();
});

it.each([
  ['good', 'HTTP/1.1 app.internal'],
  ['named', 'HTTP/1.1 x.internal'],
  ['mutual', 'DNS:gateway.acme'],
  ['auto-1', 'HTTP/1.1 app.internal'],
  ['auto-2', 'HTTP/2.0'],
  ['two', 'HTTP/2.0'],
  ['machine-1', 'rooted'],
  ['machine-2', 'rooted'],
])('the first request to %s is served, and the next ones', async (name, body) => {
  expect(await ask(name)).toMatchObject({ status: 200, body });
  expect(await ask(name)).toMatchObject({ status: 200, body });
  expect(await https({ port: stack.httpsPort, host: hostOf(name), ca: own!.pem })).toMatchObject({ status: 200, body });
});

it.each(['wrong-ca', 'wrong-name', 'machine-ca', 'machine-name'])('%s: the endpoint gets no request', async (name) => {
  const before = reached;
  expect((await ask(name)).status).toBe(503);
  expect((await ask(name)).status).toBe(503);
  expect(reached).toBe(before);
});

it('without a certificate, an endpoint that demands one serves no request', async () => {
  expect((await ask('anonymous')).status).toBe(503);
});

it('a new CA and a new certificate are used, and an open host keeps being served', async () => {
  await stack.publish('acme', 'trustBundles/foreign', { certificates: own!.pem + foreign!.pem });
  await until('the CA to be used', async () => (await ask('wrong-ca')).status === 200);
  await stack.publish('acme', 'certificates/client', await foreign!.issue('renewed.acme'));
  const { body } = await stack.publish('acme', 'upstreams/anonymous', {
    port: portOf(mutual),
    endpoints: [{ address: '127.0.0.1' }],
    tls: { caCertificates: 'own', sni: 'app.internal', credentialName: 'client' },
  });
  expect(body.spec.tls.credentialName).toBe('client');
  await until('the certificate', async () => (await ask('anonymous')).body === 'DNS:renewed.acme');
});

it('an upstream that begins to use TLS finds a certificate that was stored before', async () => {
  await stack.publish('acme', 'certificates/late', await foreign!.issue('late.acme'));
  await stack.publish('acme', 'upstreams/late', {
    port: portOf(mutual),
    endpoints: [{ address: '127.0.0.1' }],
    tls: { caCertificates: 'own', sni: 'app.internal', credentialName: 'late' },
  });
  const route = {
    hosts: [hostOf('late')],
    gateways: ['web'],
    http: [{ route: [{ destination: { upstream: 'late' } }] }],
  };
  await stack.publish('acme', 'routes/late', route);
  expect(await ask('late')).toMatchObject({ status: 200, body: 'DNS:late.acme' });
});

it('a name that resolves to a denied address gets no request over TLS', async () => {
  await until('the name to be resolved', async () => (await ask('dns')).status === 200);
  await stack.call('/fleets/edge', { method: 'PATCH', body: { denyDestinations: ['127.9.0.0/16'] } });
  names.set('app.dns.test', '127.9.0.1');
  await until('the name to be denied', async () => (await ask('dns')).status === 503);
  const before = reached;
  for (let n = 0; n < 5; n++) expect((await ask('dns')).status).toBe(503);
  expect(reached).toBe(before);
});

it('says what is missing', async () => {
  const put = (tls: object, protocol = 'HTTP') =>
    stack.call('/tenants/acme/upstreams/x', { method: 'PUT', body: { port: 1, endpoints: [], tls, protocol } });
  expect((await put({ caCertificates: 'own' })).body.violations).toMatchObject([{ path: '/tls/sni' }]);
  expect((await put({})).body.violations).toMatchObject([{ path: '/tls/sni' }]);
  expect((await put({ caCertificates: 'none', sni: 'a.test' })).body.violations).toMatchObject([
    { path: '/tls/caCertificates' },
  ]);
  const used = await stack.call('/tenants/acme/trustBundles/own', { method: 'DELETE' });
  expect(used.status).toBe(409);
});
