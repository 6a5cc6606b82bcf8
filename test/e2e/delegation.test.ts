import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Authority } from './authority.ts';
import { Backend } from './backend.ts';
import { upstream } from './configuration.ts';
import { http, https } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let backend: Backend;

beforeAll(async () => {
  [stack, backend] = await Promise.all([Stack.start(), Backend.start('app')]);
  for (const name of ['acme', 'books']) await stack.createTenant(name);
});
afterAll(async () => {
  await Promise.all([stack?.stop(), backend?.stop()]);
});

const saying = (body: string) => ({ directResponse: { status: 200, body } });
const at = (pathPrefix: string, more: object) => ({ match: [{ uri: { pathPrefix } }], ...more });
const gateway = {
  selector: { ingress: 'public' },
  servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['shop.test', 'late.test'] }],
};
const parent = (host: string, route = 'cart') => ({
  hosts: [host],
  gateways: ['web'],
  http: [at('/cart', { delegate: { route } }), saying('shop')],
});
const ask = async (host: string, path: string) => (await http({ port: stack.httpPort, host, path })).body;
const put = (tenant: string, path: string, body: unknown) =>
  stack.call(`/tenants/${tenant}/${path}`, { method: 'PUT', body });

describe('delegation to a route of the same tenant', () => {
  beforeEach(async () => {
    await stack.publish('acme', 'configuration', {
      gateways: { web: gateway },
      upstreams: { app: upstream(backend) },
      routes: {
        shop: parent('shop.test'),
        cart: {
          parents: ['shop', 'late'],
          http: [
            at('/cart/app', { rewrite: { uri: '/' }, route: [{ destination: { upstream: 'app' } }] }),
            at('/cart/a', saying('a')),
          ],
        },
      },
    });
  });

  it('serves the rules of the other route, cold and warm, and the rest by the next rule', async () => {
    expect(JSON.parse(await ask('shop.test', '/cart/app/x'))).toMatchObject({ name: 'app', path: '/x' });
    expect(await ask('shop.test', '/cart/a')).toBe('a');
    expect(await ask('shop.test', '/cart/b')).toBe('shop');
    expect(await ask('shop.test', '/cartoon')).toBe('shop');
    // A change of the other route alone reaches the loaded host of the parent, and a host that is not loaded.
    await stack.publish('acme', 'routes/cart', { parents: ['*'], http: [at('/cart/b', saying('b'))] });
    expect(await ask('shop.test', '/cart/b')).toBe('b');
    expect(await ask('shop.test', '/cart/a')).toBe('shop');
    await stack.publish('acme', 'routes/late', parent('late.test'));
    expect(await ask('late.test', '/cart/b')).toBe('b');
  });

  it('keeps a route to which others delegate, and rejects what could not be served', async () => {
    const removed = await stack.call('/tenants/acme/routes/cart', { method: 'DELETE' });
    expect([removed.status, removed.body.violations[0].resource]).toEqual([409, 'routes/shop']);
    const withdrawn = await put('acme', 'routes/cart', { parents: ['late'], http: [saying('x')] });
    expect([withdrawn.status, withdrawn.body.violations[0]]).toMatchObject([
      422,
      { resource: 'routes/shop', path: '/http/0/delegate/route', code: 'not-delegated' },
    ]);
    const outside = await put('acme', 'routes/cart', { parents: ['*'], http: [at('/pay', saying('x'))] });
    expect([outside.status, outside.body.violations[0]]).toMatchObject([
      422,
      { code: 'delegation-conflict', path: '/http/0/match/0/uri/pathPrefix' },
    ]);
  });

  it('is explained and compared', async () => {
    const explained = await stack.call('/tenants/acme/explain', {
      method: 'POST',
      body: { authority: 'shop.test', path: '/cart/a' },
    });
    expect(explained.body).toMatchObject({
      outcome: 'matched',
      rule: {
        resource: 'routes/cart',
        path: '/http/1/match/0',
        delegatedBy: [{ resource: 'routes/shop', path: '/http/0/match/0' }],
      },
    });
    const { revision } = (await stack.call('/tenants/acme')).body;
    await stack.publish('acme', 'routes/cart', { parents: ['*'], http: [at('/cart/b', saying('b'))] });
    const { body } = await stack.call(`/tenants/acme/revisions/${revision + 1}/diff`);
    expect(body.requests.map((each: { witness: { path: string } }) => each.witness.path)).toContain('/cart/a');
    const { routes } = (await stack.call(`/tenants/acme/revisions/${revision + 1}/status`)).body;
    expect(routes.find((each: { name: string }) => each.name === 'cart')).toMatchObject({ hosts: [] });
  });
});

describe('delegation to a route of another tenant', () => {
  const shop = (http: object[], host = 'shop.test') => ({ hosts: [host], gateways: ['web'], http });
  const cart = (parents: string[], ...http: object[]) => ({ parents, http });
  const toBooks = at('/cart', { delegate: { route: 'books/cart' } });
  const answers = (path: string, body: string, host = 'shop.test') =>
    until(`${path} to answer ${body}`, async () => (await ask(host, path)) === body);

  const statusOf = async (tenant: string) => {
    const { revision } = (await stack.call(`/tenants/${tenant}`)).body;
    const { routes } = (await stack.call(`/tenants/${tenant}/revisions/${revision}/status`)).body;
    return Object.fromEntries(routes.map((each: { name: string }) => [each.name, each]));
  };

  beforeEach(async () => {
    await stack.publish('acme', 'configuration', {
      gateways: { web: gateway },
      routes: { shop: shop([saying('shop')]) },
    });
    await put('books', 'configuration', {});
  });

  it('serves the rules of the other tenant with its own upstreams, cold and warm', async () => {
    await put('books', 'configuration', {
      upstreams: { app: upstream(backend) },
      routes: {
        cart: cart(
          ['acme/shop'],
          at('/cart/app', { rewrite: { uri: '/' }, route: [{ destination: { upstream: 'app' } }] }),
          at('/cart/pay', { delegate: { route: 'pay' } }),
        ),
        pay: cart(['cart'], saying('pay')),
      },
    });
    await stack.publish('acme', 'routes/shop', shop([toBooks, saying('shop')]));
    expect(JSON.parse(await ask('shop.test', '/cart/app/x'))).toMatchObject({ name: 'app', path: '/x' });
    expect(await ask('shop.test', '/cart/pay')).toBe('pay');
    expect(await ask('shop.test', '/cart/other')).toBe('shop');
    // Each side changes without the other.
    await stack.publish('books', 'routes/cart', cart(['acme/*'], at('/cart/b', saying('b'))));
    expect(await ask('shop.test', '/cart/b')).toBe('b');
    expect(await ask('shop.test', '/cart/app/x')).toBe('shop');
    await stack.publish('acme', 'routes/late', shop([toBooks], 'late.test'));
    expect(await ask('late.test', '/cart/b')).toBe('b');
    await stack.publish('books', 'routes/cart', cart(['acme/late'], at('/cart/b', saying('c'))));
    await answers('/cart/b', 'shop');
    expect(await ask('late.test', '/cart/b')).toBe('c');
    expect((await stack.call('/tenants/books/routes/cart', { method: 'DELETE' })).status).toBe(204);
    await until(
      'the withdrawal',
      async () => (await http({ port: stack.httpPort, host: 'late.test', path: '/cart/b' })).status === 404,
    );
    await stack.publish('books', 'routes/cart', cart(['acme/shop'], at('/cart/b', saying('again'))));
    await answers('/cart/b', 'again');
  });

  it('needs the consent of both tenants, and tells neither what the other one has', async () => {
    const refused = async (target: string) => {
      const reply = await put('acme', 'routes/shop', shop([at('/cart', { delegate: { route: target } })]));
      return [reply.status, reply.body.violations[0].message];
    };
    await put('books', 'configuration', {
      routes: { cart: cart(['other/shop'], saying('x')), plain: cart(['*'], saying('x')) },
    });
    for (const target of ['books/cart', 'books/plain', 'books/none', 'nobody/cart'])
      expect(await refused(target)).toEqual([422, `the route ${target} does not admit delegation by routes/shop`]);
    expect(await ask('shop.test', '/cart')).toBe('shop');
  });

  it('reports to each side what is bound, and why something is not', async () => {
    await put('books', 'configuration', {
      routes: {
        cart: cart(['acme/shop', 'acme/late'], at('/cart/a', saying('a')), at('/cart/b', saying('b'))),
      },
    });
    await stack.publish('acme', 'routes/shop', shop([toBooks, saying('shop')]));
    expect((await statusOf('acme')).shop.delegates).toEqual([
      { path: '/http/0/match/0', route: 'books/cart', conditions: 2 },
    ]);
    expect((await statusOf('books')).cart.parents).toEqual([
      { path: '/http/0/match/0', route: 'acme/shop', conditions: 2 },
      { path: '', route: 'acme/late', conditions: 0, reasons: ['no rule delegates to this route'] },
    ]);
    // A conflict is rejected, whichever side makes it. The owner of the parent may change it nevertheless.
    const outside = await put('books', 'routes/cart', cart(['acme/shop'], at('/pay', saying('x'))));
    expect([outside.status, outside.body.violations]).toMatchObject([
      422,
      [
        {
          resource: 'routes/cart',
          path: '/http/0/match/0/uri/pathPrefix',
          code: 'delegation-conflict',
          message: 'does not lie within the delegated prefix /cart: routes/acme/shop /http/0/match/0',
        },
      ],
    ]);
    const narrow = await put('acme', 'routes/shop', shop([at('/cart/a', { delegate: { route: 'books/cart' } })]));
    expect([narrow.status, narrow.body.violations]).toMatchObject([
      422,
      [{ resource: 'routes/shop', path: '/http/0/delegate/route', code: 'delegation-conflict' }],
    ]);
    await stack.publish('books', 'routes/cart', cart(['acme/late'], at('/cart/a', saying('a'))));
    const [withdrawn] = (await statusOf('acme')).shop.delegates;
    expect(withdrawn).toEqual({
      path: '/http/0/match/0',
      route: 'books/cart',
      conditions: 0,
      reasons: ['routes/shop /http/0/match/0: the route books/cart does not admit delegation by routes/shop'],
    });
    // The parent's tenant can change other things meanwhile.
    await stack.publish('acme', 'routes/shop', shop([toBooks, saying('changed')]));
    await answers('/cart/a', 'changed');
  });

  it('is explained without the contents of the other tenant', async () => {
    await put('books', 'configuration', {
      upstreams: { secret: upstream(backend) },
      routes: {
        cart: cart(
          ['acme/*'],
          { match: [{ headers: { 'x-secret': { exact: 'word' } } }], ...saying('secret') },
          { route: [{ destination: { upstream: 'secret' } }] },
        ),
      },
    });
    await stack.publish('acme', 'routes/shop', shop([toBooks, saying('shop')]));
    const body = { authority: 'shop.test', path: '/cart/a' };
    const explained = (await stack.call('/tenants/acme/explain', { method: 'POST', body })).body;
    expect(explained).toMatchObject({
      outcome: 'matched',
      rule: { resource: 'routes/books/cart', path: '/http/1', delegatedBy: [{ resource: 'routes/shop' }] },
    });
    expect(JSON.stringify(explained)).not.toMatch(/secret|word/);
  });

  it('follows the parent to another fleet, and ends with either tenant', async () => {
    await stack.createTenant('pop');
    await put('books', 'configuration', { routes: { cart: cart(['pop/*'], saying('books')) } });
    const own = { ...gateway, servers: [{ ...gateway.servers[0]!, hosts: ['pop.test'] }] };
    await put('pop', 'configuration', {
      gateways: { web: { ...own, selector: { ingress: 'nowhere' } } },
      routes: { shop: shop([toBooks, saying('pop')], 'pop.test') },
    });
    await stack.publish('pop', 'gateways/web', own);
    await answers('/cart', 'books', 'pop.test');
    await put('books', 'routes/cart', cart(['pop/*'], saying('changed')));
    await answers('/cart', 'changed', 'pop.test');
    expect((await stack.call('/tenants/pop', { method: 'DELETE' })).status).toBe(204);
    await until('the host to end', async () => (await http({ port: stack.httpPort, host: 'pop.test' })).status === 404);
  });

  it('serves them over HTTPS, keeps a denied network denied, and recovers after the agent was killed', async () => {
    const authority = await Authority.create();
    const port = { number: 443, name: 'https', protocol: 'HTTPS' };
    const server = { port, hosts: ['shop.test'], tls: { mode: 'SIMPLE', credentialName: 'shop' } };
    await put('books', 'configuration', {
      upstreams: { app: upstream(backend) },
      routes: { cart: cart(['acme/*'], { route: [{ destination: { upstream: 'app' } }] }) },
    });
    await stack.publish('acme', 'configuration', {
      gateways: { web: { ...gateway, servers: [server] } },
      certificates: { shop: await authority.issue('shop.test') },
      routes: { shop: shop([toBooks, saying('shop')]) },
    });
    const secured = (path: string) =>
      https({ port: stack.httpsPort, host: 'shop.test', servername: 'shop.test', ca: authority.pem, path });
    expect(JSON.parse((await secured('/cart/a')).body)).toMatchObject({ name: 'app', path: '/cart/a' });
    expect((await secured('/')).body).toBe('shop');
    await stack.agent.stop('SIGKILL');
    await put('books', 'routes/cart', cart(['acme/*'], saying('meanwhile')));
    stack.agent.start();
    await until('the change during the absence', async () => (await secured('/cart/a')).body === 'meanwhile');
    await stack.publish('books', 'routes/cart', cart(['acme/*'], { route: [{ destination: { upstream: 'app' } }] }));
    // A network that the fleet denies stays denied for the upstreams of the other tenant.
    const deny = (denyDestinations: string[]) =>
      stack.call('/fleets/edge?force=true', {
        method: 'PATCH',
        body: { denyDestinations },
        headers: { prefer: 'wait=20' },
      });
    expect((await deny(['127.0.0.0/8'])).status).toBe(200);
    await until('the denial', async () => (await secured('/cart/a')).status === 503);
    await deny([]);
  });
});
