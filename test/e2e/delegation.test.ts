import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Backend } from './backend.ts';
import { upstream } from './configuration.ts';
import { http } from './edge.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let backend: Backend;

beforeAll(async () => {
  [stack, backend] = await Promise.all([Stack.start(), Backend.start('app')]);
  for (const name of ['acme']) await stack.createTenant(name);
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
