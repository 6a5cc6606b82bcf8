/** Policies on a real Envoy. The lists of kinds contain kinds that only tests have, in place of real ones. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import { type Edge, startEdge } from './compiled-edge.ts';

vi.mock('../../dataplane/compile/policies/index.ts', async (original) => ({
  ...(await original<object>()),
  policyChain: (await import('../compile/policies/sample.ts')).chain,
}));
vi.mock('../../model/policies/index.ts', async () => {
  const { policiesField } = await import('../../model/policies/field.ts');
  const { definitions } = await import('../compile/policies/sample.ts');
  return { policyDefinitions: definitions, policies: policiesField(definitions) };
});

const port = await freePort();
const fleet: Fleet = {
  name: 'public',
  labels: { ingress: 'public' },
  ports: [{ number: 80, bind: port, protocol: 'HTTP' }],
};
/** `u:p`, as htpasswd writes it. */
const users = 'u:{SHA}UWuXg/ylF+7L0dBk2i0WUxCxl1k=';
const hosts = ['get.test', 'post.test', '*.wild.test', 'open.test'];
let edge: Edge;

beforeAll(async () => {
  const greeting = (text: string) => ({ greeting: { text } });
  const answer = { directResponse: { status: 200, body: 'in' } };
  const guarded = (...names: string[]) => ({
    hosts: names,
    gateways: ['g'],
    http: [
      { match: [{ uri: { exact: '/own' } }], ...answer, policies: greeting('rule') },
      { match: [{ uri: { exact: '/signed' } }], ...answer, policies: { signature: { text: 'me' } } },
      answer,
    ],
    policies: { password: { users }, ...greeting('route') },
  });
  const configuration = Configuration.fromDocument({
    gateways: {
      g: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'h', protocol: 'HTTP' }, hosts }],
      },
    },
    routes: {
      guarded: guarded('get.test', 'post.test', '*.wild.test'),
      open: { hosts: ['open.test'], gateways: ['g'], http: [answer] },
    },
  } as never);
  edge = await startEdge(configuration, fleet);
});
afterAll(() => edge?.close());

const password = { authorization: `Basic ${btoa('u:p')}` };
const request = (host: string, path = '/', headers: Record<string, string> = {}, method = 'GET') =>
  ask({ port, path, method, headers: { host, ...(method === 'POST' && { 'content-length': '0' }), ...headers } });

describe('a policy applies to a host', () => {
  test.each([
    ['GET', 'get.test'],
    ['POST', 'post.test'],
    ['GET', 'a.wild.test'],
  ])('that is not loaded when a %s for %s arrives, and afterwards', async (method, host) => {
    for (const _ of ['cold', 'warm']) expect((await request(host, '/', {}, method)).status).toBe(401);
    expect(await request(host, '/', password, method)).toMatchObject({ status: 200, body: 'in' });
    expect((await request(host, '/', {}, method)).status).toBe(401);
  });

  test('and to no other host', async () => expect((await request('open.test')).status).toBe(200));
});

test('the nearest level applies', async () => {
  const greets = async (path: string) => (await request('get.test', path, password)).headers['x-greeting'];
  expect(await greets('/')).toBe('route from guarded/2/0');
  expect(await greets('/own')).toBe('rule from guarded/0/0');
});

test('a filter of the connection manager reads the settings of the route', async () => {
  expect((await request('get.test', '/signed', password)).headers['x-signature']).toBe('me');
  expect((await request('get.test', '/', password)).headers).not.toHaveProperty('x-signature');
});

test('Envoy rejected nothing', () => expect(edge.nacks).toEqual([]));
