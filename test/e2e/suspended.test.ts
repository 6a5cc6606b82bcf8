import { afterAll, beforeAll, expect, it } from 'vitest';
import { http } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start();
  for (const name of ['books', 'music', 'platform']) await stack.createTenant(name);
});
afterAll(() => stack?.stop());

const server = { number: 80, name: 'http', protocol: 'HTTP' };
const saying = (hosts: string[], gateways: string[], body: string) => ({
  hosts,
  gateways,
  http: [{ directResponse: { status: 200, body } }],
});
const answer = async (host: string) => {
  const { status, body } = await http({ port: stack.httpPort, host, path: '/any' });
  return status === 200 ? body : status;
};

it('hosts of a suspended tenant answer 503, warm, cold and attached, and no other hosts do', async () => {
  const own = (tenant: string) => ({
    gateways: { edge: { selector: { ingress: 'public' }, servers: [{ port: server, hosts: [`*.${tenant}.test`] }] } },
    routes: {
      warm: saying([`warm.${tenant}.test`], ['edge'], tenant),
      cold: saying([`cold.${tenant}.test`], ['edge'], tenant),
      attached: saying([`${tenant}.apps.test`], ['platform/shared'], tenant),
    },
  });
  const allowedRoutes = { tenants: 'all' };
  await stack.publish('platform', 'configuration', {
    gateways: {
      shared: { selector: { ingress: 'public' }, servers: [{ port: server, hosts: ['*.apps.test'], allowedRoutes }] },
    },
  });
  for (const tenant of ['books', 'music']) await stack.publish(tenant, 'configuration', own(tenant));
  expect(await answer('warm.books.test')).toBe('books');
  expect(await answer('books.apps.test')).toBe('books');

  expect((await stack.call('/tenants/books/suspend', { method: 'POST', body: { reason: 'test' } })).status).toBe(200);
  await until('the suspension', async () => (await answer('warm.books.test')) === 503);
  expect(await answer('cold.books.test')).toBe(503);
  await until('the attached host', async () => (await answer('books.apps.test')) === 503);
  for (const host of ['warm.music.test', 'cold.music.test', 'music.apps.test'])
    expect(await answer(host)).toBe('music');

  expect((await stack.call('/tenants/books/resume', { method: 'POST' })).status).toBe(200);
  for (const host of ['warm.books.test', 'cold.books.test', 'books.apps.test'])
    await until(host, async () => (await answer(host)) === 'books');
});
