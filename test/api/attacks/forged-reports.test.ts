/**
 * The agents of a tenant's own fleet, and of a shared fleet that does not serve the victim, say untrue things. What only
 * the victim knows contains the word okapi; what the attackers say contains the word FORGED. Neither side reads the word
 * of the other.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operations } from '../../../api/app.ts';
import { enrol, enrolRequest, renew, renewRequest, tokenToEnrol } from '../fleets/enrolled.ts';
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

const SECRET = 'okapi';
const FORGED = 'FORGED';
const OTHERS = ['public', 'other', 'victim-own'];

let api: Harness;
let acme: string;
/** The tokens of the agents, by fleet. */
const agents: Record<string, string> = {};
let revision: number;

beforeAll(async () => {
  api = await harness({ GATEHOUSE_PLATFORM_DOMAIN: 'apps.example' });
  await api.post('/v1/fleets', SHARED_FLEET);
  await api.post('/v1/fleets', { ...SHARED_FLEET, name: 'other', labels: { ingress: 'other' } });
  for (const name of ['acme', 'victim']) {
    await tenantWithRoute(api, name);
    // With the labels of the shared fleet, and every port, so that every gateway selects it.
    const own = { ...SHARED_FLEET, name: `${name}-own`, denyDestinations: [] };
    expect((await api.post(`/v1/tenants/${name}/fleets`, own)).status).toBe(201);
  }
  acme = await tokenFor(api, '/v1/tenants/acme', { scopes: ['admin'] });
  for (const fleet of [...OTHERS, 'acme-own']) agents[fleet] = await tokenFor(api, `/v1/fleets/${fleet}`);
  const change = { port: 80, endpoints: [{ address: `${SECRET}.internal` }], labels: { note: SECRET } };
  const written = await api.put(`/v1/tenants/victim/upstreams/${SECRET}`, change);
  revision = Number(written.headers.get('gatehouse-revision'));
  for (const fleet of ['public', 'victim-own'])
    await report(fleet, [node(`${SECRET}-1`, await seqOf(fleet))], agents[fleet]!);
});
afterAll(() => api.close());

const seqOf = async (fleet: string) => (await api.get(`/v1/fleets/${fleet}`)).body.seq as number;
const node = (name: string, live: number, more: object = {}) => ({
  ...{ node: name, version: FORGED, connected: true, acked: live, live, rejections: [] },
  ...more,
});
const report = (fleet: string, nodes: unknown, token = agents['acme-own']!) =>
  api.post(`/v1/fleets/${fleet}/status`, { agent: FORGED, nodes }, { token });
const rejects = (tenant: string, of: number, more: object = {}) => ({
  ...{ tenant, revision: of, resource: `upstreams/${SECRET}`, path: '', message: FORGED },
  ...more,
});

/** Everything that the victim and the operator read about the victim and about fleets that are not acme's. */
async function readByVictim(): Promise<string> {
  const paths = [
    ...[1, revision].map((each) => `/v1/tenants/victim/revisions/${each}/status`),
    `/v1/tenants/victim/upstreams/${SECRET}/health`,
    '/v1/tenants/victim/routes/web',
    '/v1/tenants/victim/audit',
    ...['public', 'victim-own'].flatMap((fleet) =>
      ['nodes', 'agents', 'enrolments'].map((what) => `/v1/fleets/${fleet}/${what}`),
    ),
  ];
  const read = await Promise.all(paths.map(async (path) => ({ path, ...(await api.get(path)) })));
  const found = read.filter(({ status }) => status !== 200).map(({ path, status }) => `${path} ${status}`);
  expect(found).toEqual([]);
  return JSON.stringify(read.map(({ body }) => body));
}
const expectUntouched = async () => {
  expect(await readByVictim()).not.toContain(`"message":"${FORGED}`);
  const { body } = await api.get(`/v1/tenants/victim/revisions/${revision}/status`);
  expect([body.state, body.stillRejected]).toEqual(['live', []]);
};

test('an agent reaches nothing of any other fleet, and learns not even whether it exists', async () => {
  const forAgents = operations().map(({ contract }) => contract);
  for (const { method, path } of forAgents.filter(({ path: each }) => each.startsWith('/v1/fleets/{fleet}'))) {
    const answers = [];
    for (const fleet of [...OTHERS, 'absent']) {
      const url = path.replace('{fleet}', fleet).replaceAll(/\{\w+\}/g, `${SECRET}-1`);
      const body = ['post', 'patch', 'put'].includes(method) ? { agent: FORGED, nodes: [] } : undefined;
      const { status, body: said } = await api.call(method.toUpperCase(), url, body, { token: agents['acme-own']! });
      answers.push(JSON.stringify([status, { ...said, requestId: '' }]).replaceAll(fleet, 'FLEET'));
    }
    expect(answers[0], `${method} ${path}`).toMatch(/^\[403/);
    expect(new Set(answers).size, `${method} ${path}`).toBe(1);
  }
});

test('a fleet of one tenant changes nothing about another tenant, whatever its agents report', async () => {
  const seq = await seqOf('acme-own');
  const variants = [{}, { from: 0 }, { from: 1 }, { from: 1, superseded: true }, { over: true }];
  const victims = [1, revision, revision + 1].flatMap((of) => variants.map((more) => rejects('victim', of, more)));
  const behind = [{ tenant: 'victim', live: 0 }];
  const forged = [
    // A node of the victim's fleets, which are fleets of other names.
    node(`${SECRET}-1`, 0, { connected: false }),
    node('n1', seq, { rejections: [...victims, rejects('acme', 1)], ahead: { live: seq, behind } }),
    node('n2', 0, { rejections: victims, listenerRejections: [{ listener: 'http-80', port: 80, message: FORGED }] }),
    node('n3', 0, { drain: { connections: 9, message: FORGED } }),
  ];
  expect((await report('acme-own', forged)).status).toBe(204);
  expect((await report('other', forged, agents.other)).status).toBe(204);
  await expectUntouched();
  const own = (await api.get('/v1/tenants/acme/revisions/1/status', { token: acme })).body;
  expect(JSON.stringify(own)).toContain(FORGED);
  expect(JSON.stringify(own)).not.toContain('victim');
  expect((await api.get('/v1/fleets/acme-own/nodes', { token: acme })).body.items.flatMap(Object.keys)).not.toContain(
    'drain',
  );
});

test('nor about the health of its endpoints', async () => {
  const endpoints = [{ address: FORGED, port: 1, state: 'unhealthy', reason: FORGED, since: 0 }];
  const clusters = ['victim', 'acme', 'nobody'].map((tenant) => ({ tenant, upstream: SECRET, endpoints }));
  for (const fleet of ['acme-own', 'other']) {
    const body = { node: 'n1', isWhole: true, clusters };
    expect((await api.post(`/v1/fleets/${fleet}/endpoint-health`, body, { token: agents[fleet]! })).status).toBe(204);
    const unknown = { ...body, node: 'never-reported' };
    expect((await api.post(`/v1/fleets/${fleet}/endpoint-health`, unknown, { token: agents[fleet]! })).status).toBe(
      404,
    );
  }
  expect((await api.get(`/v1/tenants/victim/upstreams/${SECRET}/health`)).body.items).toEqual([]);
  await expectUntouched();
});

test('what a node reports about a tenant that was removed does not concern a later tenant of the name', async () => {
  const revision = async () => (await api.get('/v1/tenants/again/revisions/1/status')).body;
  await tenantWithRoute(api, 'again');
  const before = await seqOf('public');
  const rejections = [rejects('again', 1, { message: 'quokka' })];
  const say = (acked: number) => report('public', [node('late', acked, { rejections })], agents.public);
  expect((await say(before)).status).toBe(204);
  expect(JSON.stringify(await revision())).toContain('quokka');
  expect((await api.remove('/v1/tenants/again')).status).toBe(204);
  await tenantWithRoute(api, 'again');
  expect((await say(before)).status).toBe(204);
  expect(JSON.stringify(await revision())).not.toContain('quokka');
  // Once the node has the event of the removal, its words are about the later tenant.
  expect((await say(before + 1)).status).toBe(204);
  expect(JSON.stringify(await revision())).toContain('quokka');
  await report('public', [node('late', 0, { connected: false })], agents.public);
  await api.remove('/v1/tenants/again');
});

test('reports control no terminal: names have no hidden characters, and the words of Envoy lose them', async () => {
  const seq = await seqOf('public');
  const say = (agent: string, nodes: unknown) =>
    api.post('/v1/fleets/public/status', { agent, nodes }, { token: agents.public! });
  const hidden = '\u001b[2J\u009b\u202e\u0001';
  for (const name of [hidden, 'a\nb', 'a\u200bb']) {
    const { status, body } = await say('a', [node(name, seq)]);
    expect([status, body.violations]).toEqual([422, [expect.objectContaining({ pointer: '/nodes/0/node' })]]);
    expect((await say(name, [])).body.violations).toMatchObject([{ pointer: '/agent' }]);
  }
  const said = `first\r\nsecond ${hidden}`;
  const more = {
    version: said,
    rejections: [{ ...rejects('acme', 1), resource: said, path: said, message: said }],
    listenerRejections: [{ listener: said, message: said }],
  };
  expect((await say('a', [node('n9', seq, more)])).status).toBe(204);
  const shown = 'first\nsecond \ufffd[2J\ufffd\ufffd\ufffd';
  const { fleets } = (await api.get('/v1/tenants/acme/revisions/1/status', { token: acme })).body;
  expect(fleets.flatMap(({ nodes }: { nodes: object[] }) => nodes)).toContainEqual(
    expect.objectContaining({
      version: shown,
      rejections: [expect.objectContaining({ resource: shown, path: shown, message: shown })],
    }),
  );
  expect((await api.get('/v1/fleets/public/nodes')).body.items).toContainEqual(
    expect.objectContaining({ rejections: [expect.objectContaining({ listener: shown, message: shown })] }),
  );
  expect((await say('a', [node('n9', seq, { connected: false })])).status).toBe(204);
});

test('a route to which another tenant delegates is not rejected there by the word of its own tenant', async () => {
  const parts = { ...route('parts.example'), hosts: undefined, gateways: undefined, parents: ['victim/shop'] };
  expect((await api.put('/v1/tenants/acme/routes/parts', parts)).status).toBe(201);
  const shop = {
    hosts: ['victim.example.com'],
    gateways: ['edge'],
    http: [{ match: [{ uri: { pathPrefix: '/parts' } }], delegate: { route: 'acme/parts' } }],
  };
  const made = await api.put('/v1/tenants/victim/routes/shop', shop);
  expect([200, 201]).toContain(made.status);
  const head = (await api.get('/v1/tenants/acme')).body.revision;
  const rejections = [rejects('acme', head, { resource: 'routes/parts' })];
  expect((await report('acme-own', [node('n1', await seqOf('acme-own'), { rejections })])).status).toBe(204);
  expect(JSON.stringify((await api.get(`/v1/tenants/acme/revisions/${head}/status`)).body)).toContain(FORGED);
  const seen = (await api.get(`/v1/tenants/victim/revisions/${made.headers.get('gatehouse-revision')}/status`)).body;
  expect(JSON.stringify(seen)).not.toContain('a node rejects');
  expect((await report('public', [node('p1', 0, { rejections })], agents.public)).status).toBe(204);
  const now = (await api.get(`/v1/tenants/victim/revisions/${made.headers.get('gatehouse-revision')}/status`)).body;
  expect(JSON.stringify(now)).toContain('a node rejects the current rules of acme/parts');
  expect((await report('public', [node('p1', 0, { connected: false })], agents.public)).status).toBe(204);
  expect((await api.remove('/v1/tenants/victim/routes/shop')).status).toBe(204);
});

test('reports that are huge or odd are refused as a whole, and none is an error of the server', async () => {
  const good = node('good', 0);
  const many = (count: number, make: (i: number) => object) => Array.from({ length: count }, (_, i) => make(i));
  const odd: unknown[] = [
    many(1001, (i) => node(`x${i}`, 0)),
    [good, node('n1', -1)],
    [good, node('n1', 1.5)],
    [good, node('n1', 2 ** 60)],
    [good, node('', 0)],
    [good, node('\ud800', 0)],
    [good, node('x'.repeat(256), 0)],
    [good, { ...node('n1', 0), tenant: 'victim' }],
    [good, node('n1', 0, { ahead: { live: 1, behind: many(33, (i) => ({ tenant: `t${i}`, live: 0 })) } })],
    [good, node('n1', 0, { ahead: { live: 1, behind: [{ tenant: '../victim', live: 0 }] } })],
    [good, node('n1', 0, { rejections: many(1001, () => rejects('victim', 1)) })],
    [good, node('n1', 0, { rejections: [rejects('victim', 1, { message: 'x'.repeat(4097) })] })],
    [good, node('n1', 0, { rejections: [rejects('Victim', 1)] })],
    [good, node('n1', 0, { rejections: [rejects('victim', -1)] })],
    [good, node('n1', 0, { drain: { connections: -1 } })],
    [good, node('n1', 0, { drain: { message: 'x'.repeat(501) } })],
    [good, node('n1', 0, { connected: 'yes' })],
    'nodes',
    null,
  ];
  for (const nodes of odd)
    expect((await report('acme-own', nodes)).status, JSON.stringify(nodes)?.slice(0, 200)).toBe(422);
  const raw = [
    '{"agent":"a","nodes":[{"__proto__":{"node":"p"}}]}',
    '{"agent":"a","nodes":[',
    `{"agent":"a","nodes":${'['.repeat(2000)}${']'.repeat(2000)}}`,
  ];
  for (const text of raw) {
    const answer = await api.call('POST', '/v1/fleets/acme-own/status', undefined, {
      ...{ token: agents['acme-own']!, raw: text },
    });
    expect([400, 413, 422]).toContain(answer.status);
  }
  expect(
    (await api.get('/v1/fleets/acme-own/nodes')).body.items.map(({ name }: { name: string }) => name),
  ).not.toContain('good');
  // Odd texts that a node may have are stored as they are, and shown as JSON.
  const names = ['../../victim', '<b>', 'é'.repeat(255), '{"x":1}'];
  expect(
    (
      await report(
        'acme-own',
        names.map((name) => node(name, 0, { connected: false })),
      )
    ).status,
  ).toBe(204);
  await expectUntouched();
});

test('enrolment tokens, agents and renewals of one fleet are worth nothing to another', async () => {
  const theirs = {
    fleet: 'victim-own',
    open: await tokenToEnrol(api, 'victim-own'),
    disk: await enrol(api, 'victim-own'),
  };
  const own = await enrol(api, 'acme-own');
  const { credential } = (await renew(api, own)).body;
  const as = { token: acme };
  for (const fleet of ['acme-own', 'victim-own']) {
    const expected = fleet === 'acme-own' ? 404 : 403;
    expect((await api.remove(`/v1/fleets/${fleet}/enrolments/${theirs.open.id}`, as)).status).toBe(expected);
    expect((await api.remove(`/v1/fleets/${fleet}/agents/${theirs.disk.id}`, as)).status).toBe(expected);
  }
  expect((await api.post('/v1/fleets/victim-own/enrolments', {}, as)).status).toBe(403);
  expect((await api.get('/v1/fleets/victim-own/feed', { token: credential })).status).toBe(403);
  // Renewals: of another agent by the own key, a copy of a request of theirs, and the own one for another agent.
  const recorded = renewRequest(theirs.disk);
  expect((await api.post(`/v1/agents/${own.id}/renewals`, recorded, { token: null })).status).toBe(401);
  const forged = await renew(api, { ...theirs.disk, privateKey: own.privateKey });
  expect(forged.status).toBe(401);
  expect((await api.post(`/v1/agents/${theirs.disk.id}/renewals`, renewRequest(own), { token: null })).status).toBe(
    401,
  );
  expect((await renew(api, theirs.disk)).status).toBe(200);
  // A token that was used is worth nothing, also with the name of their agent.
  expect((await api.post('/v1/agents', enrolRequest(theirs.open.token), { token: null })).body.fleet).toBe(
    'victim-own',
  );
  expect((await api.post('/v1/agents', enrolRequest(theirs.open.token), { token: null })).status).toBe(401);
  const { items } = (await api.get('/v1/fleets/victim-own/agents')).body;
  expect(items.filter(({ stoppedAt }: { stoppedAt?: string }) => stoppedAt)).toEqual([]);
});

test('a fleet of one tenant serves no host of another, and gets nothing of it', async () => {
  // It may name any host, because only its own machines answer for it.
  const stolen = await api.put('/v1/tenants/acme/gateways/stolen', {
    ...gateway('www.victim.example.com'),
    selector: { ingress: 'none' },
  });
  expect(stolen.status).toBe(201);
  expect((await api.patch('/v1/fleets/acme-own', { tenant: 'victim' }, { token: acme })).status).toBe(422);
  expect((await api.patch('/v1/fleets/acme-own', { tenant: null }, { token: acme })).status).toBe(422);
  expect(
    (await api.patch('/v1/fleets/acme-own?force=true', { labels: { ingress: 'none' } }, { token: acme })).status,
  ).toBe(200);
  await api.put('/v1/tenants/victim/upstreams/later', upstream(`${SECRET}.example`));
  const feed = JSON.stringify((await api.get('/v1/fleets/acme-own/feed', { token: agents['acme-own']! })).body);
  expect(feed).toContain('www.victim.example.com');
  expect(feed).not.toContain('"tenant":"victim"');
  expect(feed).not.toContain(SECRET);
  const shared = JSON.stringify((await api.get('/v1/fleets/public/feed', { token: agents.public! })).body);
  expect(shared).not.toContain('stolen');
  const { gateways } = (await api.get(`/v1/tenants/victim/revisions/${revision}/status`)).body;
  expect(gateways).toMatchObject([{ fleets: ['public', 'victim-own'] }]);
});

test('no token, credential or word of the victim is in the log', () => {
  const logged = api.logged().join('\n');
  for (const token of Object.values(agents)) expect(logged).not.toContain(token);
  expect(logged).not.toMatch(/gh_(credential|enrolment)_/);
  expect(logged).not.toContain(`${SECRET}.internal`);
});
