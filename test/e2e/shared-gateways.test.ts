import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Backend } from './backend.ts';
import { upstream } from './configuration.ts';
import { http } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let backend: Backend;

beforeAll(async () => {
  [stack, backend] = await Promise.all([Stack.start(), Backend.start('app')]);
  for (const name of ['platform', 'books', 'music']) await stack.createTenant(name);
});
afterAll(async () => {
  await Promise.all([stack?.stop(), backend?.stop()]);
});

const ask = (host: string, path = '/') => http({ port: stack.httpPort, host, path });
const open = (allowedRoutes: object | undefined, hosts = ['*.apps.test']) => ({
  selector: { ingress: 'public' },
  servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts, ...(allowedRoutes && { allowedRoutes }) }],
});
const saying = (host: string, body: string, gateways = ['platform/public']) => ({
  hosts: [host],
  gateways,
  http: [{ directResponse: { status: 200, body } }],
});
const put = (tenant: string, path: string, body: unknown) =>
  stack.call(`/tenants/${tenant}/${path}`, { method: 'PUT', body });
const status = async (tenant: string) => {
  const { revision } = (await stack.call(`/tenants/${tenant}`)).body;
  return (await stack.call(`/tenants/${tenant}/revisions/${revision}/status`)).body;
};
const statusOf = async (host: string) => (await ask(host)).status;

describe('a shared gateway', () => {
  beforeEach(async () => {
    for (const tenant of ['books', 'music']) await put(tenant, 'configuration', {});
    await stack.publish('platform', 'configuration', { gateways: { public: open({ tenants: 'all' }) } });
  });

  it('serves routes of other tenants, cold and warm, although they have no gateway', async () => {
    await stack.publish('books', 'configuration', {
      upstreams: { app: upstream(backend) },
      routes: {
        app: {
          hosts: ['books.apps.test'],
          gateways: ['platform/public'],
          http: [{ route: [{ destination: { upstream: 'app' } }] }],
        },
      },
    });
    expect(JSON.parse((await ask('books.apps.test')).body).name).toBe('app');
    await stack.publish('books', 'routes/app', saying('books.apps.test', 'warm'));
    expect((await ask('books.apps.test')).body).toBe('warm');
    expect(await statusOf('other.apps.test')).toBe(404);
  });

  it('serves two tenants at the same time, and gives each host to the first', async () => {
    const race = await Promise.all(
      ['books', 'music'].map((name) => put(name, 'routes/app', saying('one.apps.test', name))),
    );
    expect(race.map(({ status }) => status).sort()).toEqual([201, 409]);
    const [loser, winner] = race[0]!.status === 409 ? ['books', 'music'] : ['music', 'books'];
    expect(JSON.stringify(race.find(({ status }) => status === 409)!.body)).not.toContain(winner!);
    await stack.publish(loser!, 'routes/app', saying('two.apps.test', loser!));
    await until('the winner', async () => (await ask('one.apps.test')).body === winner);
    expect((await ask('two.apps.test')).body).toBe(loser);
  });

  it('admits no tenant unless the server says so, and tells no tenant whether the gateway exists', async () => {
    await stack.publish('platform', 'gateways/public', open(undefined));
    const refused = await put('books', 'routes/app', saying('books.apps.test', 'no'));
    const missing = await put('books', 'routes/app', saying('books.apps.test', 'no', ['platform/other']));
    const nobody = await put('books', 'routes/app', saying('books.apps.test', 'no', ['nobody/public']));
    expect([refused.status, missing.status, nobody.status]).toEqual([422, 422, 422]);
    const messages = [refused, missing, nobody].map(({ body }) => body.violations[0].message);
    expect(messages).toEqual(
      ['platform/public', 'platform/other', 'nobody/public'].map(
        (name) => `there is no gateway ${name}, or it does not admit routes of this tenant`,
      ),
    );
  });

  it('binds a route to one of its servers, and tells no tenant which other servers there are', async () => {
    const [server] = open({ tenants: 'all' }).servers;
    const secret = { port: { number: 80, name: 'secret', protocol: 'HTTP' }, hosts: ['*.secret.test'] };
    await stack.publish('platform', 'gateways/public', { ...open({}), servers: [server, secret] });
    await stack.publish('books', 'routes/app', saying('books.apps.test', 'one', ['platform/public:http']));
    expect((await ask('books.apps.test')).body).toBe('one');
    await stack.publish('books', 'routes/app', saying('books.apps.test', 'two', ['platform/public:http']));
    expect((await ask('books.apps.test')).body).toBe('two');
    for (const name of ['secret', 'none']) {
      const { body } = await put('books', 'routes/app', saying('books.apps.test', 'no', [`platform/public:${name}`]));
      expect(body.violations).toMatchObject([
        {
          resource: 'routes/app',
          path: '/gateways/0',
          code: 'gateway-not-shared',
          message: `there is no gateway platform/public:${name}, or it does not admit routes of this tenant`,
        },
      ]);
    }
    const { body } = await put('books', 'routes/app', saying('books.apps.test', 'no', ['platform/none:http']));
    expect(body.violations[0].message).toBe(
      'there is no gateway platform/none:http, or it does not admit routes of this tenant',
    );
  });

  it('admits only named tenants and hosts', async () => {
    await stack.publish('platform', 'gateways/public', open({ tenants: ['books'], hosts: ['*.books.apps.test'] }));
    expect((await put('music', 'routes/app', saying('music.apps.test', 'no'))).status).toBe(422);
    const reply = await put('books', 'routes/app', { ...saying('x', ''), hosts: ['a.books.apps.test', 'b.apps.test'] });
    expect(reply.status).toBe(201);
    await until('the admitted host', async () => (await statusOf('a.books.apps.test')) === 200);
    expect(await statusOf('b.apps.test')).toBe(404);

    const [route] = (await status('books')).routes;
    expect(route.hosts).toEqual([
      {
        host: 'a.books.apps.test',
        bound: [
          { gateway: 'platform/public', port: 80, portName: 'http', protocol: 'HTTP', host: 'a.books.apps.test' },
        ],
      },
      { host: 'b.apps.test', bound: [], reason: 'no server of platform/public admits b.apps.test' },
    ]);
    expect((await status('platform')).attached).toEqual([
      { tenant: 'books', host: 'a.books.apps.test', gateways: ['public'] },
      {
        tenant: 'books',
        host: 'b.apps.test',
        gateways: [],
        reason: 'no shared server admits b.apps.test for this tenant',
      },
    ]);
  });

  it('is explained to the tenant of the route, without the owner’s configuration', async () => {
    await stack.publish('books', 'routes/app', saying('books.apps.test', 'books'));
    const { body } = await stack.call('/tenants/books/explain', {
      method: 'POST',
      body: { authority: 'books.apps.test', port: 80 },
    });
    expect(body).toMatchObject({
      outcome: 'matched',
      gateway: { resource: 'gateways/platform/public', server: 0, path: '', host: 'books.apps.test' },
      rule: { resource: 'routes/app' },
      answer: { status: 200, body: 'books' },
    });
    const owner = await stack.call('/tenants/platform/explain', {
      method: 'POST',
      body: { authority: 'books.apps.test', port: 80 },
    });
    expect(owner.body).toMatchObject({ outcome: 'other-tenant', why: expect.stringContaining('by the tenant books') });
    const hidden = await stack.call('/tenants/books/gateways', {});
    expect(hidden.body.items).toEqual([]);
  });

  it('never lets a tenant attach the wildcard that all tenants share', async () => {
    await stack.publish('books', 'routes/app', saying('x.apps.test', 'books'));
    expect((await put('books', 'routes/all', saying('*.apps.test', 'all'))).status).toBe(201);
    await stack.publish('books', 'routes/app', saying('x.apps.test', 'books again'));
    expect(await statusOf('other.apps.test')).toBe(404);
  });

  it('does not serve a host that the owner’s servers list by the wildcard of another tenant', async () => {
    const [server] = open({ tenants: ['books'] }, ['*.apps.test', 'www.apps.test']).servers;
    const listed = { port: { number: 80, name: 'listed', protocol: 'HTTP' }, hosts: ['admin.apps.test'] };
    await stack.publish('platform', 'gateways/public', { ...open(undefined), servers: [server, listed] });
    const wildcard = saying('*.apps.test', 'books');
    await stack.publish('books', 'routes/app', wildcard);
    const answers = async () => Promise.all(['x', 'www', 'admin'].map((name) => statusOf(`${name}.apps.test`)));
    expect(await answers()).toEqual([200, 404, 404]);
    const explained = (tenant: string, authority: string) =>
      stack.call(`/tenants/${tenant}/explain`, { method: 'POST', body: { authority, port: 80 } });
    expect((await explained('platform', 'admin.apps.test')).body.outcome).toBe('not-found');
    expect((await explained('books', 'www.apps.test')).body.outcome).toBe('other-tenant');
    await stack.publish('books', 'routes/app', { ...wildcard, hosts: ['*.apps.test', 'www.apps.test'] });
    expect(await answers()).toEqual([200, 200, 404]);
    await stack.publish('books', 'routes/app', wildcard);
    expect(await answers()).toEqual([200, 404, 404]);
  });

  it('stops serving when the owner withdraws, and serves again when the owner admits the tenant again', async () => {
    await stack.publish('books', 'routes/app', saying('books.apps.test', 'first'));
    expect(await statusOf('books.apps.test')).toBe(200);
    await stack.publish('platform', 'gateways/public', open({ tenants: ['music'] }));
    await until('the end', async () => (await statusOf('books.apps.test')) === 404);
    // Another change of the tenant, meanwhile.
    expect((await put('books', 'routes/app', saying('books.apps.test', 'second'))).status).toBe(200);
    expect(await statusOf('books.apps.test')).toBe(404);
    expect((await status('books')).routes[0].hosts[0].reason).toBe(
      'the gateway platform/public does not admit routes of this tenant',
    );
    await stack.publish('platform', 'gateways/public', open({ tenants: ['music', 'books'] }));
    await until('the new version', async () => (await ask('books.apps.test')).body === 'second');
    expect((await stack.call('/tenants/platform/gateways/public', { method: 'DELETE' })).status).toBe(204);
    await until('the end', async () => (await statusOf('books.apps.test')) === 404);
  });

  it('gives the host of a tenant that is no longer admitted to the next one, also after the first is admitted again', async () => {
    await stack.publish('books', 'routes/app', saying('prize.apps.test', 'books'));
    await stack.publish('platform', 'gateways/public', open({ tenants: ['music'] }));
    await stack.publish('music', 'routes/app', saying('prize.apps.test', 'music'));
    expect((await ask('prize.apps.test')).body).toBe('music');
    await stack.publish('platform', 'gateways/public', open({ tenants: 'all' }));
    await stack.publish('music', 'routes/more', saying('more.apps.test', 'more'));
    expect((await ask('more.apps.test')).body).toBe('more');
    expect((await ask('prize.apps.test')).body).toBe('music');
    expect((await status('books')).routes[0].hosts[0].reason).toBe(
      'prize.apps.test of the gateway platform/public belongs to another tenant, or overlaps a host that does',
    );
  });

  it('serves the owner’s own routes beside those of others; neither takes a host from the other', async () => {
    await stack.publish('books', 'routes/app', saying('books.apps.test', 'books'));
    await stack.publish('platform', 'routes/all', saying('*.apps.test', 'fallback', ['public']));
    expect((await ask('books.apps.test')).body).toBe('books');
    expect((await ask('other.apps.test')).body).toBe('fallback');
    const taking = await put('platform', 'routes/own', saying('books.apps.test', 'own', ['public']));
    expect(taking.status).toBe(409);
    await stack.publish('platform', 'routes/own', saying('own.apps.test', 'own', ['public']));
    expect((await put('music', 'routes/app', saying('own.apps.test', 'music'))).status).toBe(409);
  });
});

describe('a route that is bound to one server of its own gateway', () => {
  const server = (name: string, number: number, hosts: string[], more: object = {}) => ({
    port: { number, name, protocol: 'HTTP' },
    hosts,
    ...more,
  });
  const gateway = (...servers: object[]) => ({ selector: { ingress: 'public' }, servers });

  beforeEach(async () => {
    for (const tenant of ['books', 'music', 'platform']) await put(tenant, 'configuration', {});
  });

  it('is served by this server alone, cold and warm, and moves when the binding changes', async () => {
    await stack.publish('music', 'configuration', {
      gateways: { web: gateway(server('a', 80, ['a.music.test']), server('b', 80, ['b.music.test'])) },
      routes: { app: { ...saying('a.music.test', 'a', ['web:a']), hosts: ['a.music.test', 'b.music.test'] } },
    });
    expect((await ask('a.music.test')).body).toBe('a');
    expect(await statusOf('b.music.test')).toBe(404);
    const [route] = (await status('music')).routes;
    expect(route.hosts).toMatchObject([
      { host: 'a.music.test', bound: [{ gateway: 'web', port: 80, portName: 'a' }] },
      { host: 'b.music.test', bound: [], reason: 'no server of web:a admits b.music.test' },
    ]);
    const explained = await stack.call('/tenants/music/explain', {
      method: 'POST',
      body: { authority: 'b.music.test' },
    });
    expect(explained.body.why).toBe(
      'b.music.test is admitted, but no route is bound to it; routes/app is bound only to web:a',
    );

    await stack.publish('music', 'routes/app', {
      ...saying('a.music.test', 'moved', ['web:b']),
      hosts: ['a.music.test', 'b.music.test'],
    });
    expect((await ask('b.music.test')).body).toBe('moved');
    expect(await statusOf('a.music.test')).toBe(404);
    const unknown = await put('music', 'routes/app', saying('a.music.test', 'no', ['web:c']));
    expect([unknown.status, unknown.body.violations]).toMatchObject([
      422,
      [{ path: '/gateways/0', code: 'unknown-port-name', hint: 'its ports are a, b' }],
    ]);
    // A server to which a route is bound keeps its name.
    const renamed = await put('music', 'gateways/web', gateway(server('a', 80, ['a.music.test'])));
    expect([renamed.status, renamed.body.violations[0].resource]).toEqual([422, 'routes/app']);
  });

  it('trap: bare gateway names that bind elsewhere', async () => {
    const shared = (hosts: string[]) => gateway(server('http', 80, hosts, { allowedRoutes: { tenants: 'all' } }));
    await stack.publish('platform', 'configuration', { gateways: { web: shared(['*.apps.test']) } });
    await stack.publish('music', 'configuration', {
      gateways: { web: gateway(server('http', 80, ['music.test'])) },
      routes: { app: { ...saying('music.test', 'music', ['web:http']), hosts: ['music.test', 'trap.apps.test'] } },
    });
    expect((await ask('music.test')).body).toBe('music');
    // The bare name is the tenant's own gateway, although another tenant shares one of the same name.
    expect(await statusOf('trap.apps.test')).toBe(404);
    for (const name of ['web', 'web:http'])
      expect((await put('books', 'routes/app', saying('trap.apps.test', 'no', [name]))).body.violations).toMatchObject([
        { path: '/gateways/0', code: 'dangling-reference', message: 'there is no gateway "web"' },
      ]);
    await stack.publish('books', 'routes/app', saying('trap.apps.test', 'named', ['platform/web:http']));
    expect((await ask('trap.apps.test')).body).toBe('named');
  });
});
