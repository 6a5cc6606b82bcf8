import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  gateway,
  type Harness,
  harness,
  route,
  SHARED_FLEET,
  tenantWithRoute,
  tokenFor,
  upstream,
} from '../harness.ts';

let api: Harness;
let agent: string;
let count = 0;
let at: string;
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  agent = await tokenFor(api, '/v1/fleets/public');
});
beforeEach(async () => {
  const name = `t${++count}`;
  await tenantWithRoute(api, name);
  at = `/v1/tenants/${name}`;
});
afterAll(() => api.close());

const seq = async () => (await api.get('/v1/fleets/public')).body.seq as number;
const report = (nodes: object[]) => api.post('/v1/fleets/public/status', { agent: 'a1', nodes }, { token: agent });
const node = (name: string, acked: number, live: number, rejections: object[] = []) => ({
  node: name,
  version: '1.40.0',
  connected: true,
  acked,
  live,
  rejections,
});
const status = async (revision: number) => (await api.get(`${at}/revisions/${revision}/status`)).body;

test('pending, acked, live: the least advanced node counts', async () => {
  expect((await status(1)).state).toBe('pending');
  const head = await seq();
  const states = [];
  for (const nodes of [
    [node('n1', head, 0), node('n2', head - 1, 0)],
    [node('n1', head, head), node('n2', head, 0)],
    [node('n1', head, head), node('n2', head, head)],
  ]) {
    expect((await report(nodes)).status).toBe(204);
    states.push((await status(1)).state);
  }
  expect(states).toEqual(['pending', 'acked', 'live']);
  expect((await status(1)).fleets).toMatchObject([
    {
      fleet: 'public',
      nodes: [
        { node: 'n1', state: 'live', agent: 'a1' },
        { node: 'n2', state: 'live' },
      ],
    },
  ]);
  expect((await api.get('/v1/fleets/public/nodes')).body.items).toMatchObject([
    { name: 'n1', acked: head, live: head },
    { name: 'n2' },
  ]);
});

describe('while the change of another tenant takes long', () => {
  /** Two nodes that serve everything but this tenant, each up to another number. */
  const without = (late: string, live: number, head: number) =>
    [0, 1].map((more) => ({
      ...node(`n${more + 1}`, live, live),
      ahead: { live: head, behind: [{ tenant: late, live: live + more }] },
    }));
  const stateOf = async (name: string) => (await api.get(`/v1/tenants/${name}/revisions/1/status`)).body.state;

  test('a change is live, and the change of the late tenant is not', async () => {
    const live = await seq();
    await tenantWithRoute(api, `late-${count}`);
    await tenantWithRoute(api, `quick-${count}`);
    await report(without(`late-${count}`, live - 1, await seq()));
    expect(await stateOf(`quick-${count}`)).toBe('live');
    expect(await stateOf(`late-${count}`)).toBe('pending');
    // An earlier change of a tenant that is late with a later one is live where the node says so.
    expect((await status(1)).fleets[0].nodes).toMatchObject([{ state: 'live' }, { state: 'live' }]);
    await report(without(`t${count}`, live - 1, await seq()));
    expect((await status(1)).fleets[0].nodes).toMatchObject([{ state: 'pending' }, { state: 'live' }]);
    expect((await api.get('/v1/fleets/public/nodes')).body.items[0]).not.toHaveProperty('behind');
  });

  test('what a tenant serves through the gateway of another one waits for both', async () => {
    const live = await seq();
    const [owner, guest] = [`owner-${count}`, `guest-${count}`];
    await tenantWithRoute(api, owner);
    const shared = gateway(`${guest}.test`);
    const servers = shared.servers.map((server) => ({ ...server, allowedRoutes: { tenants: [guest] } }));
    await api.put(`/v1/tenants/${owner}/gateways/shared`, { ...shared, servers });
    await api.post('/v1/tenants', { name: guest });
    const attached = { ...route(`${guest}.test`), gateways: [`${owner}/shared`] };
    const wrote = await api.put(`/v1/tenants/${guest}/configuration`, {
      ...{ upstreams: { web: upstream() }, routes: { web: attached } },
    });
    expect(wrote.status).toBe(201);
    await report(without(owner, live, await seq()));
    expect([await stateOf(owner), await stateOf(guest)]).toEqual(['pending', 'pending']);
  });

  test('a report cannot claim more than there is, nor name more tenants than fit', async () => {
    const head = await seq();
    const claims = (ahead: object) => report([{ ...node('n1', 0, 0), ahead }, node('n2', 0, 0)]);
    await claims({ live: head + 1, behind: [] });
    expect((await status(1)).fleets[0].nodes[0].state).toBe('pending');
    const many = (length: number) => Array.from({ length }, (_, n) => ({ tenant: `late-${n}`, live: 0 }));
    expect((await claims({ live: head, behind: many(33) })).status).toBe(422);
    expect((await claims({ live: head, behind: [{ tenant: 'x'.repeat(64), live: 0 }] })).status).toBe(422);
    const accepted = await claims({ live: head, behind: many(32) });
    expect([accepted.status, accepted.headers.get('gatehouse-report')]).toEqual([204, 'ahead']);
    expect((await status(1)).fleets[0].nodes).toMatchObject([{ state: 'live' }, { state: 'pending' }]);
  });
});

test('what a fleet waits for: an Envoy, an acknowledgement, a probe', async () => {
  const reason = async () => (await status(1)).fleets.map((fleet: { reason?: string }) => fleet.reason);
  const gone = (name: string) => ({ ...node(name, 0, 0), connected: false });
  await report([gone('n1'), gone('n2')]);
  expect(await reason()).toEqual(['no Envoy is connected']);
  const head = await seq();
  await report([node('n1', head - 1, 0), node('n2', head, 0)]);
  expect(await reason()).toEqual(['not acknowledged yet by n1']);
  await report([node('n1', head, 0), node('n2', head, head)]);
  expect(await reason()).toEqual(['acknowledged, but no probe has seen it yet through n1']);
  await report([node('n1', head, head)]);
  expect(await reason()).toEqual([undefined]);
});

test('a wildcard that is bound at very many hosts lists a hundred of them, and counts the others', async () => {
  const hosts = Array.from({ length: 150 }, (_, i) => `h${i}.t${count}.example.org`);
  expect((await api.put(`${at}/gateways/edge`, gateway(...hosts))).status).toBe(200);
  expect((await api.put(`${at}/routes/web`, route(`*.t${count}.example.org`))).status).toBe(200);
  const [web] = (await status(3)).routes;
  expect(web.hosts).toMatchObject([{ host: `*.t${count}.example.org`, moreBound: 50 }]);
  expect(web.hosts[0].bound).toHaveLength(100);
});

test('rejected: with the words of Envoy at the place in the resource', async () => {
  const head = await seq();
  const rejection = {
    tenant: `t${count}`,
    revision: 1,
    resource: 'routes/web',
    path: '/http/0',
    message: 'no such filter',
  };
  await report([node('n1', head, head, [rejection])]);
  const { state, fleets } = await status(1);
  expect(state).toBe('rejected');
  expect(fleets[0].nodes[0].rejections).toMatchObject([
    { resource: 'routes/web', path: '/http/0', message: 'no such filter' },
  ]);
});

describe('what a node rejects', () => {
  const rejects = (revision: number, resource: string, more: object = {}) => ({
    tenant: `t${count}`,
    revision,
    resource,
    path: '',
    message: 'no',
    ...more,
  });
  const change = async (path: string, body: object) =>
    Number((await api.put(`${at}/${path}`, body)).headers.get('gatehouse-revision'));
  const states = async (...revisions: number[]) =>
    Promise.all(revisions.map(async (revision) => (await status(revision)).state));
  const told = async (...rejections: object[]) => {
    const head = await seq();
    // Two reports of one node are two moments.
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect((await report([node('n1', head, head, rejections), node('n2', head, head)])).status).toBe(204);
  };
  const still = async (revision: number) =>
    (await status(revision)).stillRejected.map((each: { revision: number; node: string; resource: string }) => [
      each.revision,
      each.node,
      each.resource,
    ]);

  test('makes no later revision rejected, and is listed beside it for as long as the node reports it', async () => {
    const bad = await change('routes/web', { ...route(`t${count}.example.com`), labels: { a: '1' } });
    const later = await change('upstreams/new', upstream());
    await told(rejects(bad, 'routes/web'));
    expect(await states(bad, later)).toEqual(['rejected', 'live']);
    expect([await still(bad), await still(later)]).toEqual([[], [[bad, 'n1', 'routes/web']]]);
    await told();
    expect(await states(bad, later)).toEqual(['rejected', 'live']);
    expect(await still(later)).toEqual([]);
  });

  test('stays rejected when it was over before it was reported', async () => {
    const bad = await change('routes/web', { ...route(`t${count}.example.com`), labels: { a: '1' } });
    const repair = await change('routes/web', { ...route(`t${count}.example.com`), labels: { a: '2' } });
    await told(rejects(bad, 'routes/web', { over: true }));
    expect(await states(bad, repair)).toEqual(['rejected', 'live']);
    expect(await still(repair)).toEqual([]);
  });

  test('of several revisions in one event: those that changed the resource, or the last one when the agent does not know', async () => {
    const labelled = (a: string) => ({ ...route(`t${count}.example.com`), labels: { a } });
    const first = await change('routes/web', labelled('1'));
    const between = await change('upstreams/new', upstream());
    const last = await change('routes/web', labelled('2'));
    await told(rejects(last, 'routes/web', { from: between }));
    expect(await states(first, between, last)).toEqual(['live', 'live', 'rejected']);
    await told(rejects(last, 'routes/web', { from: first }));
    expect(await states(first, between, last)).toEqual(['rejected', 'live', 'rejected']);
    const after = await change('upstreams/new', { ...upstream(), connectTimeout: '2s' });
    await told(rejects(after, 'upstreams/web', { from: 0 }));
    expect(await states(1, between, after)).toEqual(['rejected', 'live', 'live']);
  });

  test('is no rejection when it was changed again before it was sent: that is neither live', async () => {
    const labelled = (a: string) => ({ ...route(`t${count}.example.com`), labels: { a } });
    const first = await change('routes/web', labelled('1'));
    const between = await change('upstreams/new', upstream());
    await api.remove(`${at}/upstreams/new`);
    const last = await change('routes/web', labelled('2'));
    expect(await states(first)).toEqual(['pending']);
    await told(rejects(last, '', { from: first, superseded: true, over: true }));
    expect(await states(first, between, between + 1, last)).toEqual(['superseded', 'superseded', 'live', 'live']);
    expect(await still(last)).toEqual([]);
  });
});

test('each host of each route: bound where, or why not; each gateway: served by which fleets, or why not', async () => {
  await api.put(`${at}/gateways/inner`, { ...gateway('inner.test'), selector: { ingress: 'internal' } });
  await api.put(`${at}/routes/web`, {
    ...route(`t${count}.example.com`),
    hosts: [`t${count}.example.com`, 'elsewhere.test'],
  });
  const { gateways, routes } = await status(3);
  expect(gateways).toEqual([
    { name: 'edge', fleets: ['public'] },
    { name: 'inner', fleets: [], reason: 'no fleet carries ingress=internal' },
  ]);
  expect(routes).toMatchObject([
    {
      name: 'web',
      hosts: [
        { host: `t${count}.example.com`, bound: [{ gateway: 'edge', port: 80 }] },
        { host: 'elsewhere.test', bound: [], reason: 'no server of edge admits elsewhere.test' },
      ],
    },
  ]);
});

test('what a fleet stops serving is not bound any more, and says why', async () => {
  const ports = [80, 81, 82].map((number) => ({ number, bind: number + 10_000, protocol: 'HTTP' }));
  const name = `own-${count}`;
  await api.post('/v1/fleets', { name, labels: { on: name }, ports });
  const servers = ports.slice(1).map(({ number, protocol }) => ({
    port: { number, name: `http-${number}`, protocol },
    hosts: [`p${number}.${name}.test`],
  }));
  await api.put(`${at}/gateways/edge`, { selector: { on: name }, servers });
  await api.put(`${at}/routes/web`, { ...route('x.test'), hosts: [`p81.${name}.test`, `p82.${name}.test`] });
  expect((await api.patch(`/v1/fleets/${name}?force=true`, { ports: ports.slice(0, 2) })).body.stoppedCount).toBe(1);
  const reason = `the fleet ${name} does not offer port 82 for HTTP`;
  const { gateways, routes } = await status(3);
  expect(gateways).toEqual([{ name: 'edge', fleets: [name], unserved: [{ path: '/servers/1', reason }] }]);
  expect(routes[0].hosts).toMatchObject([{ bound: [{ gateway: 'edge', port: 81 }] }, { bound: [], reason }]);
  await api.patch(`/v1/fleets/${name}?force=true`, { ports: ports.slice(0, 1) });
  expect((await status(3)).gateways).toEqual([
    { name: 'edge', fleets: [], reason: `the fleet ${name} does not offer port 81 for HTTP` },
  ]);
  await api.patch(`/v1/fleets/${name}?force=true`, { labels: {} });
  expect((await status(3)).routes[0].hosts).toMatchObject([
    { bound: [], reason: `no fleet carries on=${name}` },
    { bound: [], reason: `no fleet carries on=${name}` },
  ]);
});

test('404: a revision there is not', async () => {
  expect((await api.get(`${at}/revisions/9/status`)).status).toBe(404);
});

test('a malformed wait is rejected before anything is written; what is no wait is ignored', async () => {
  const put = (prefer: string) => api.put(`${at}/routes/web`, route('prefer.example.org'), { headers: { prefer } });
  for (const wrong of [
    'wait=abc',
    'wait',
    'wait=',
    'wait=-1',
    'Wait=1.5',
    'wait="10s"',
    'respond-async, wait = 10s; x',
  ]) {
    const { status, body } = await put(wrong);
    const message = 'must be a whole number of seconds, such as wait=10';
    expect([status, body.violations], wrong).toEqual([422, [{ path: '/Prefer', code: 'invalid-header', message }]]);
  }
  expect((await api.get(at)).body.revision).toBe(1);
  const waits = [];
  for (const right of ['waits=abc, handling=strict', 'wait="0"', 'x, WAIT = 0 ; y, wait=abc', '']) {
    const { status, headers } = await put(right);
    expect(status, right).toBeLessThan(300);
    waits.push(headers.get('preference-applied'));
  }
  expect(waits).toEqual([null, 'wait=0', 'wait=0', null]);
});

describe('Prefer: wait', () => {
  const wait = (seconds: number) => ({ headers: { prefer: `respond-async, wait=${seconds}` } });

  /** Reports as soon as the write has its feed row, as an agent would. */
  async function reportWhenWritten(before: number, live: boolean, rejections: object[] = []) {
    let head = before;
    while (head === before) head = await seq();
    await report([node('n1', head, live ? head : 0, rejections), node('n2', head, live ? head : 0)]);
  }

  test('200: live on every connected node', async () => {
    const before = await seq();
    const [{ status, headers }] = await Promise.all([
      api.put(`${at}/upstreams/new`, upstream(), wait(20)),
      reportWhenWritten(before, true),
    ]);
    expect([status, headers.get('preference-applied'), headers.get('gatehouse-status')]).toEqual([
      200,
      'wait=20',
      'live',
    ]);
  });

  test('200: live on every connected node, though they do not serve the change of another tenant', async () => {
    await tenantWithRoute(api, `late-${count}`);
    const before = await seq();
    const ahead = async () => {
      let head = before;
      while (head === before) head = await seq();
      const late = { live: head, behind: [{ tenant: `late-${count}`, live: before - 1 }] };
      await report(['n1', 'n2'].map((name) => ({ ...node(name, before - 1, before - 1), ahead: late })));
    };
    const [{ status, headers }] = await Promise.all([api.put(`${at}/upstreams/new`, upstream(), wait(20)), ahead()]);
    expect([status, headers.get('gatehouse-status')]).toEqual([200, 'live']);
  });

  test('202: not within the time, with where to look', async () => {
    const { status, headers } = await api.put(`${at}/upstreams/new`, upstream(), wait(0));
    expect([status, headers.get('gatehouse-status'), headers.get('link')]).toEqual([
      202,
      'pending',
      `<${at}/revisions/2/status>; rel="status"`,
    ]);
  });

  test('202 at once: rejected', async () => {
    const before = await seq();
    const rejection = { tenant: `t${count}`, revision: 2, resource: 'upstreams/web', path: '', message: 'no' };
    const [{ status, headers }] = await Promise.all([
      api.patch(`${at}/upstreams/web`, { connectTimeout: '1s' }, wait(60)),
      reportWhenWritten(before, false, [rejection]),
    ]);
    expect([status, headers.get('gatehouse-status')]).toEqual([202, 'rejected']);
  });

  test('202 at once: no fleet serves it', async () => {
    await api.post('/v1/tenants', { name: `u${count}` });
    const { status, headers } = await api.put(`/v1/tenants/u${count}/upstreams/web`, upstream(), wait(60));
    expect([status, headers.get('gatehouse-status')]).toEqual([202, 'unserved']);
  });

  test('on a deletion and on several changes too', async () => {
    let before = await seq();
    const [removed] = await Promise.all([api.remove(`${at}/routes/web`, wait(20)), reportWhenWritten(before, true)]);
    expect([removed.status, removed.body]).toEqual([200, { revision: 2, dryRun: false }]);
    before = await seq();
    const [several] = await Promise.all([
      api.post(`${at}/revisions`, { restore: 1 }, wait(20)),
      reportWhenWritten(before, true),
    ]);
    expect([several.status, several.headers.get('gatehouse-status')]).toEqual([200, 'live']);
  });
});
