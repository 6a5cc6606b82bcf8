/**
 * Reports about revisions when Envoy refuses one of them: an Envoy with a stricter limit refuses what the API accepts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Backend } from './backend.ts';
import { saying, simple, upstream } from './configuration.ts';
import { http } from './edge.ts';
import { until } from './process.ts';
import { type Reply, Stack } from './stack.ts';

const LIMIT = 100;
/** Beyond the limit of these Envoys, and far below that of the API. */
const PATTERN = '(abc|def){40}';

let stack: Stack;
let backend: Backend;

beforeAll(async () => {
  [stack, backend] = await Promise.all([Stack.start({ regexLimit: LIMIT }), Backend.start('app')]);
});
afterAll(async () => {
  await Promise.all([stack?.stop(), backend?.stop()]);
});

const ask = async (host: string, path = '/') => (await http({ port: stack.httpPort, host, path })).body;
const refused = (host: string, body: string) => ({
  hosts: [host],
  gateways: ['web'],
  http: [{ match: [{ uri: { regex: PATTERN } }], directResponse: { status: 200, body } }],
});
const revisionOf = ({ headers }: Reply) => Number(headers.get('gatehouse-revision'));
const put = (tenant: string, path: string, body: unknown, wait?: number) =>
  stack.call(`/tenants/${tenant}/${path}`, {
    method: 'PUT',
    body,
    ...(wait !== undefined && { headers: { prefer: `wait=${wait}` } }),
  });
const status = async (tenant: string, revision: number) =>
  (await stack.call(`/tenants/${tenant}/revisions/${revision}/status`)).body;
/** The state of a revision once nothing is under way for it. */
const settled = (tenant: string, revision: number) =>
  until(`revision ${revision} of ${tenant} to settle`, async () => {
    const found = await status(tenant, revision);
    return found.state === 'pending' || found.state === 'acked' ? undefined : found;
  });

/** A tenant with two hosts in use, each with its own route. */
async function tenant(name: string): Promise<{ host: string; other: string }> {
  const [host, other] = [`${name}.test`, `other.${name}.test`];
  const { gateways, ...rest } = simple(host, backend);
  gateways.web.servers[0]!.hosts.push(other);
  await stack.createTenant(name);
  await stack.publish(name, 'configuration', {
    gateways,
    ...rest,
    routes: { ...rest.routes, other: saying(other, 'one') },
  });
  await Promise.all([ask(host), ask(other)]);
  return { host, other };
}

describe('a revision that Envoy rejects, followed immediately by another write', () => {
  it.each([
    {
      what: 'an unrelated resource',
      path: 'upstreams/new',
      body: (_: string, round: number) => ({ ...upstream(backend), connectTimeout: `${round + 1}s` }),
      state: 'live',
    },
    {
      what: 'another host',
      path: 'routes/other',
      body: (host: string, round: number) => saying(`other.${host}`, `two ${round}`),
      state: 'live',
    },
    {
      what: 'the same host',
      path: 'routes/more',
      body: (host: string, round: number) => ({
        ...saying(host, 'x'),
        http: [{ match: [{ uri: { exact: '/more' } }], directResponse: { status: 200, body: `more ${round}` } }],
      }),
      state: 'rejected',
    },
    {
      what: 'the repair',
      path: 'routes/app',
      body: (host: string, round: number) => saying(host, `mended ${round}`),
      state: 'live',
    },
  ])('of $what: each is reported by what became of its own change', async ({ what, path, body, state }) => {
    const name = `at-once-${what.replaceAll(' ', '-')}`;
    const { host } = await tenant(name);
    for (let round = 0; round < 5; round++) {
      const first = put(name, 'routes/app', refused(host, `never ${round}`));
      await new Promise((resolve) => setTimeout(resolve, round % 3));
      const second = await put(name, path, body(host, round), 20);
      const [bad, next] = await Promise.all([first.then(revisionOf), revisionOf(second)]);
      expect([what, round, (await settled(name, next)).state]).toEqual([what, round, state]);
      expect(what === 'the repair' ? ['rejected', 'superseded'] : ['rejected']).toContain(
        (await settled(name, bad)).state,
      );
      expect([second.status, second.headers.get('gatehouse-status')]).toEqual([state === 'live' ? 200 : 202, state]);
      if (what === 'the repair') expect(await ask(host)).toBe(`mended ${round}`);
      await stack.call(`/tenants/${name}/routes/more`, { method: 'DELETE' });
      await stack.publish(name, 'routes/app', saying(host, `good ${round}`));
      expect(await ask(host)).toBe(`good ${round}`);
    }
  });

  it('is listed in the status of later revisions until a repair', async () => {
    const { host } = await tenant('beside');
    const bad = revisionOf(await put('beside', 'routes/app', refused(host, 'never'), 20));
    const later = await put('beside', 'upstreams/new', upstream(backend), 20);
    expect([later.status, later.headers.get('gatehouse-status')]).toEqual([200, 'live']);
    const found = await status('beside', revisionOf(later));
    expect(found).toMatchObject({
      state: 'live',
      stillRejected: [{ revision: bad, resource: 'routes/app', path: '/http/0/match/0/uri/regex', node: 'envoy-1' }],
    });
    const repair = revisionOf(await stack.publish('beside', 'routes/app', saying(host, 'mended')));
    await until('nothing to stand', async () => (await status('beside', repair)).stillRejected.length === 0);
    expect((await status('beside', bad)).state).toBe('rejected');
  });
});

it('a host without requests counts as live until its first request shows that Envoy rejects its routes', async () => {
  const { host } = await tenant('cold');
  const { gateways } = simple(host, backend);
  gateways.web.servers[0]!.hosts.push(`other.${host}`, `cold.${host}`);
  await stack.publish('cold', 'gateways/web', gateways.web);
  const bad = revisionOf(await stack.publish('cold', 'routes/cold', refused(`cold.${host}`, 'never')));
  const later = revisionOf(await stack.publish('cold', 'upstreams/new', upstream(backend)));
  await ask(`cold.${host}`);
  await until('the refusal to be told', async () => (await status('cold', bad)).state === 'rejected');
  expect((await status('cold', later)).state).toBe('live');
});

describe('a delegated route of another tenant that Envoy rejects', () => {
  const cart = (...http: object[]) => ({ parents: ['parent/*'], http });
  const at = (pathPrefix: string, body: string) => ({
    match: [{ uri: { pathPrefix } }],
    directResponse: { status: 200, body },
  });
  const bad = { match: [{ uri: { regex: `/cart/${PATTERN}` } }], directResponse: { status: 200, body: 'never' } };
  const shop = (host: string, body: string) => ({
    hosts: [host],
    gateways: ['web'],
    http: [
      { match: [{ uri: { pathPrefix: '/cart' } }], delegate: { route: 'child/cart' } },
      { directResponse: { status: 200, body } },
    ],
  });
  const delegates = async () => {
    const { revision } = (await stack.call('/tenants/parent')).body;
    const { state, stillRejected, routes } = await status('parent', revision);
    return {
      state,
      stillRejected,
      reasons: routes.find(({ name }: { name: string }) => name === 'app').delegates[0].reasons,
    };
  };

  it('is replaced by its accepted version or left out, and the parent can change', async () => {
    const { host, other } = await tenant('parent');
    await stack.createTenant('child');
    await put('child', 'routes/cart', cart(at('/cart/a', 'a')));
    await stack.publish('parent', 'routes/app', shop(host, 'one'));
    await stack.publish('parent', 'routes/other', shop(other, 'one'));
    expect([await ask(host, '/cart/a'), await ask(other, '/cart/a'), await ask(host)]).toEqual(['a', 'a', 'one']);
    const rejected = await put('child', 'routes/cart', cart(bad, at('/cart/a', 'b')), 20);
    expect([rejected.status, rejected.headers.get('gatehouse-status')]).toEqual([202, 'rejected']);
    const inChild = await status('child', revisionOf(rejected));
    expect(inChild.fleets[0].nodes[0].rejections).toMatchObject([
      { resource: 'routes/cart', path: '/http/0/match/0/uri/regex', message: expect.stringContaining(PATTERN) },
    ]);
    // The parent changes while the rules of the child stay as they were accepted.
    await stack.publish('parent', 'routes/app', shop(host, 'two'));
    expect([await ask(host, '/cart/a'), await ask(other, '/cart/a'), await ask(host)]).toEqual(['a', 'a', 'two']);
    expect(await delegates()).toEqual({
      state: 'live',
      stillRejected: [],
      reasons: [expect.stringContaining('child/cart')],
    });
    // A killed agent does not send the rejected rule again, and knows what to serve.
    await stack.agent.stop('SIGKILL');
    stack.agent.start();
    await stack.publish('parent', 'routes/app', shop(host, 'three'));
    expect([await ask(host, '/cart/a'), await ask(host)]).toEqual(['a', 'three']);
    const repair = await put('child', 'routes/cart', cart(at('/cart/a', 'mended')), 20);
    expect(repair.headers.get('gatehouse-status')).toBe('live');
    expect([await ask(host, '/cart/a'), await ask(other, '/cart/a')]).toEqual(['mended', 'mended']);
    await until('no reason', async () => (await delegates()).reasons === undefined);
    // Without an accepted version, requests get the next rule.
    await stack.publish('parent', 'routes/app', saying(host, 'four'));
    await stack.publish('parent', 'routes/other', saying(other, 'four'));
    await put('child', 'routes/cart', cart({ ...bad, directResponse: { status: 200, body: 'x' } }));
    await stack.publish('parent', 'routes/app', shop(host, 'five'));
    expect([await ask(host, '/cart/a'), await ask(host)]).toEqual(['five', 'five']);
  });
});

it('an attached route that Envoy rejects affects its tenant alone, neither the owner nor other attached tenants', async () => {
  const server = { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*.shared.test'] };
  const open = { selector: { ingress: 'public' }, servers: [{ ...server, allowedRoutes: { tenants: 'all' } }] };
  const attached = (name: string, route: object) => ({
    ...route,
    gateways: [name === 'platform' ? 'public' : 'platform/public'],
  });
  const names = ['platform', 'sales', 'music'] as const;
  const hostOf = (name: string) => `${name}.shared.test`;
  const bodies = () => Promise.all(names.map((name) => ask(hostOf(name))));
  for (const name of names) {
    await stack.createTenant(name);
    if (name === 'platform') await stack.publish(name, 'gateways/public', open);
    await stack.publish(name, 'routes/app', attached(name, saying(hostOf(name), 'one')));
  }
  expect(await bodies()).toEqual(['one', 'one', 'one']);
  const rejected = await put('sales', 'routes/app', attached('sales', refused(hostOf('sales'), 'never')), 20);
  expect(rejected.headers.get('gatehouse-status')).toBe('rejected');
  const { fleets } = await status('sales', revisionOf(rejected));
  expect(fleets[0].nodes[0].rejections).toMatchObject([{ resource: 'routes/app', path: '/http/0/match/0/uri/regex' }]);
  // The others, and other changes of the owner's gateway, are live.
  for (const name of ['platform', 'music']) {
    const change = await stack.publish(name, 'routes/app', attached(name, saying(hostOf(name), 'two')));
    expect(await status(name, revisionOf(change))).toMatchObject({ state: 'live', stillRejected: [] });
  }
  await stack.publish('platform', 'gateways/public', {
    ...open,
    servers: [{ ...open.servers[0], escapedSlashes: 'keep' }],
  });
  expect(await bodies()).toEqual(['two', 'one', 'two']);
  await stack.publish('sales', 'routes/app', attached('sales', saying(hostOf('sales'), 'mended')));
  expect(await bodies()).toEqual(['two', 'mended', 'two']);
  // Connections cannot be attached, so an attached tenant has no chains.
  const route = [{ destination: { upstream: 'app' } }];
  await put('music', 'upstreams/app', upstream(backend));
  for (const rules of [{ tcp: [{ route }] }, { tls: [{ match: [{ sniHosts: [hostOf('music')] }], route }] }]) {
    const reply = await put('music', 'routes/tcp', {
      ...rules,
      hosts: [hostOf('music')],
      gateways: ['platform/public'],
    });
    expect(reply.body.warnings).toMatchObject([{ code: 'unbound-host', path: '/hosts/0' }]);
  }
});

it('with four concurrent writers, a change that is reported as live is served', async () => {
  const { host } = await tenant('writers');
  const hosts = [0, 1, 2, 3].map((n) => `w${n}.${host}`);
  const { gateways } = simple(host, backend);
  gateways.web.servers[0]!.hosts.push(`other.${host}`, ...hosts);
  await stack.publish('writers', 'gateways/web', gateways.web);
  for (const [n, own] of hosts.entries()) await stack.publish('writers', `routes/w${n}`, saying(own, 'warm'));
  expect(await Promise.all(hosts.map((own) => ask(own)))).toEqual(hosts.map(() => 'warm'));
  const wrong: string[] = [];
  await Promise.all(
    hosts.map(async (own, n) => {
      for (let round = 0; round < 10; round++) {
        const isBad = (round + n) % 2 === 1;
        const says = `${n} says ${round}`;
        const reply = await put('writers', `routes/w${n}`, isBad ? refused(own, says) : saying(own, says), 20);
        const told = reply.headers.get('gatehouse-status');
        const body = await ask(own);
        if (told !== (isBad ? 'rejected' : 'live') || (body === says) === isBad)
          wrong.push(`${says}: ${isBad ? 'bad' : 'good'}, told ${told}, served ${body}`);
      }
    }),
  );
  expect(wrong).toEqual([]);
});
