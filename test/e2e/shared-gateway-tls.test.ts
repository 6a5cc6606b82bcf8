import { afterAll, beforeAll, expect, it } from 'vitest';
import { Authority } from './authority.ts';
import { http, https } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let authority: Authority;

const open = (allowedRoutes: object, more: object = {}) => ({
  selector: { ingress: 'public' },
  servers: [
    {
      port: { number: 443, name: 'https', protocol: 'HTTPS' },
      hosts: ['*.apps.test'],
      tls: { mode: 'SIMPLE', credentialName: 'apps' },
      allowedRoutes,
      ...more,
    },
  ],
});
const saying = (host: string, body: string) => ({
  hosts: [host],
  gateways: ['platform/public'],
  http: [{ directResponse: { status: 200, body } }],
});
const ask = (host: string, servername = host) => https({ port: stack.httpsPort, host, servername, ca: authority.pem });

beforeAll(async () => {
  [stack, authority] = await Promise.all([Stack.start(), Authority.create()]);
  for (const name of ['platform', 'books', 'music']) await stack.createTenant(name);
  await stack.publish('platform', 'configuration', {
    gateways: { public: open({ tenants: 'all' }) },
    certificates: { apps: await authority.issue('*.apps.test') },
  });
});
afterAll(async () => {
  await stack?.stop();
});

it('serves routes of two tenants with the certificate of the owner, cold and warm, and on one connection', async () => {
  await stack.publish('books', 'routes/app', saying('books.apps.test', 'books'));
  await stack.publish('music', 'routes/app', saying('music.apps.test', 'music'));
  expect((await ask('books.apps.test')).body).toBe('books');
  expect((await ask('music.apps.test')).body).toBe('music');
  await stack.publish('books', 'routes/app', saying('books.apps.test', 'warm'));
  expect((await ask('books.apps.test')).body).toBe('warm');
  // The certificate of the connection covers the other host too.
  expect((await ask('music.apps.test', 'books.apps.test')).body).toBe('music');
  const body = { authority: 'music.apps.test', serverName: 'books.apps.test', scheme: 'https', fleet: stack.fleet };
  const explained = (tenant: string) => stack.call(`/tenants/${tenant}/explain`, { method: 'POST', body });
  expect((await explained('music')).body).toMatchObject({ outcome: 'matched', answer: { body: 'music' } });
  expect((await explained('books')).body).toMatchObject({ outcome: 'other-tenant' });
});

it('serves the owner’s new certificate, and its setting for escaped slashes, without a change of the other tenant', async () => {
  const renewed = await Authority.create();
  await stack.publish('platform', 'certificates/apps', await renewed.issue('*.apps.test'));
  authority = renewed;
  await until(
    'the new certificate',
    async () => (await ask('music.apps.test').catch(() => undefined))?.body === 'music',
  );
  const path = '/a%2Fb';
  const escaped = () => https({ port: stack.httpsPort, host: 'music.apps.test', path, ca: authority.pem });
  expect((await escaped()).status).toBe(307);
  await stack.publish('platform', 'gateways/public', open({ tenants: 'all' }, { escapedSlashes: 'keep' }));
  expect((await escaped()).body).toBe('music');
});

it('applies the owner’s redirect to https, and its limit to connections of one server', async () => {
  const tls = { mode: 'SIMPLE', credentialName: 'apps', sameServerOnly: true };
  const [server] = open({ tenants: 'all' }, { tls }).servers;
  const own = { port: { number: 443, name: 'own', protocol: 'HTTPS' }, hosts: ['own.apps.test'], tls };
  const plain = { ...server, port: { number: 80, name: 'http', protocol: 'HTTP' }, tls: { httpsRedirect: true } };
  await stack.publish('platform', 'gateways/public', { ...open({}), servers: [server, own, plain] });
  // The names of other tenants, and names that nobody has attached, belong to the server too.
  expect((await ask('music.apps.test', 'books.apps.test')).body).toBe('music');
  expect((await ask('music.apps.test', 'x.apps.test')).body).toBe('music');
  expect((await ask('music.apps.test', 'own.apps.test')).status).toBe(421);
  const explained = async (request: object) =>
    (await stack.call('/tenants/music/explain', { method: 'POST', body: { authority: 'music.apps.test', ...request } }))
      .body;
  const over = { scheme: 'https', fleet: stack.fleet };
  expect((await explained({ ...over, serverName: 'books.apps.test' })).outcome).toBe('matched');
  expect((await explained({ ...over, serverName: 'own.apps.test' })).outcome).toBe('misdirected');
  const { status, headers } = await http({ port: stack.httpPort, host: 'music.apps.test', path: '/a' });
  expect([status, headers.location]).toEqual([301, 'https://music.apps.test/a']);
  expect(await explained({ port: 80, path: '/a' })).toMatchObject({ outcome: 'redirect' });
});

it('rejects the sharing of a server whose hosts need a client certificate', async () => {
  const tls = { mode: 'SIMPLE', credentialName: 'apps', minProtocolVersion: 'TLSV1_3' };
  const body = open({ tenants: 'all' }, { tls });
  const reply = await stack.call('/tenants/platform/gateways/public', { method: 'PUT', body });
  expect(reply.status).toBe(422);
  expect(reply.body.violations[0]).toMatchObject({ code: 'not-shareable', path: '/servers/0/allowedRoutes' });
});
