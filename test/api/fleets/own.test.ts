import { afterAll, beforeAll, expect, it } from 'vitest';
import { gateway, type Harness, harness, SHARED_FLEET, tokenFor } from '../harness.ts';
import { enrol, enrolRequest, renew, tokenToEnrol } from './enrolled.ts';
import { follow } from './stream.ts';

let api: Harness;
let acme: { token: string };
let rival: { token: string };
beforeAll(async () => {
  api = await harness({ GATEHOUSE_FLEETS: '2', GATEHOUSE_HEARTBEAT: '50' });
  await api.post('/v1/fleets', SHARED_FLEET);
  for (const name of ['acme', 'rival', 'leaver', 'racer']) await api.post('/v1/tenants', { name });
  acme = { token: await tokenFor(api, '/v1/tenants/acme', { scopes: ['write'] }) };
  rival = { token: await tokenFor(api, '/v1/tenants/rival', { scopes: ['admin'] }) };
});
afterAll(() => api.close());

const own = (name: string) => ({
  name,
  labels: { ingress: 'own' },
  ports: [{ number: 80, bind: 8080, protocol: 'HTTP' }],
  denyDestinations: [],
});

it('a tenant creates its fleet, enrols agents in it, sees them, and gets its own configuration there alone', async () => {
  const created = await api.post('/v1/tenants/acme/fleets', own('acme-office'), acme);
  expect(created).toMatchObject({ status: 201, body: { tenant: 'acme', managedBy: 'tenant' } });
  const { token } = await tokenToEnrol(api, 'acme-office', {}, acme);
  expect((await api.post('/v1/agents', enrolRequest(token), { token: null })).status).toBe(200);
  const disk = await enrol(api, 'acme-office');
  const { credential } = (await renew(api, disk)).body;
  for (const name of ['acme', 'rival'])
    await api.put(`/v1/tenants/${name}/gateways/edge`, {
      ...gateway(`www.${name}.example`),
      selector: { ingress: 'own' },
    });
  const { events } = (await api.get('/v1/fleets/acme-office/feed', { token: credential })).body;
  expect(events.flatMap((event: { tenant?: string }) => event.tenant ?? [])).toEqual(['acme']);
  expect((await api.get('/v1/fleets/acme-office/agents', acme)).body.items).toHaveLength(2);
  expect((await api.get('/v1/fleets/acme-office/nodes', acme)).status).toBe(200);
  expect((await api.get('/v1/tenants/acme/fleets', acme)).body.items).toHaveLength(1);
  expect((await api.patch('/v1/fleets/acme-office', { labels: { ingress: 'moved' } }, acme)).status).toBe(409);
  expect((await api.patch('/v1/fleets/acme-office?force=true', { labels: {} }, acme)).status).toBe(200);
  expect((await api.remove(`/v1/fleets/acme-office/agents/${disk.id}`, acme)).status).toBe(204);
});

it('its tenant reads in the audit log who did what, also why an agent was stopped', async () => {
  const disk = await enrol(api, 'acme-office');
  const copy = { ...disk };
  await renew(api, copy);
  expect((await renew(api, disk)).status).toBe(403);
  const { items } = (await api.get('/v1/tenants/acme/audit')).body;
  const target = `tenants/acme/fleets/acme-office/agents/${disk.id}`;
  expect(items).toContainEqual(expect.objectContaining({ action: 'stop', target, actor: `agent:${disk.id}` }));
  expect(items).toContainEqual(expect.objectContaining({ action: 'enrol', target }));
  expect(items).toContainEqual(
    expect.objectContaining({ action: 'create', target: 'tenants/acme/fleets/acme-office' }),
  );
});

it('no other tenant can see, change or enrol in it, and a tenant cannot manage fleets of operators', async () => {
  await api.post('/v1/fleets', { ...own('dedicated'), tenant: 'rival' });
  for (const [fleet, caller] of [
    ['acme-office', rival],
    ['public', rival],
    ['dedicated', rival],
    ['absent', rival],
  ] as const) {
    const answers = await Promise.all([
      api.get(`/v1/fleets/${fleet}`, caller),
      api.get(`/v1/fleets/${fleet}/nodes`, caller),
      api.get(`/v1/fleets/${fleet}/agents`, caller),
      api.get(`/v1/fleets/${fleet}/enrolments`, caller),
      api.post(`/v1/fleets/${fleet}/enrolments`, {}, caller),
      api.patch(`/v1/fleets/${fleet}`, { labels: {} }, caller),
      api.remove(`/v1/fleets/${fleet}`, caller),
      api.post(`/v1/fleets/${fleet}/tokens`, {}, caller),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
  }
  expect((await api.post('/v1/tenants/acme/fleets', own('acme-x'), rival)).status).toBe(403);
  expect((await api.get('/v1/tenants/acme/fleets', rival)).status).toBe(403);
  expect((await api.post('/v1/fleets', own('acme-y'), acme)).status).toBe(403);
});

it('it stays with its tenant, and its name tells whose it is', async () => {
  for (const tenant of ['rival', null])
    expect((await api.patch('/v1/fleets/acme-office', { tenant })).body).toMatchObject({
      violations: [{ pointer: '/tenant', code: 'managed-by-tenant' }],
    });
  for (const name of ['office', 'rival-office', 'acme', 'acmeoffice', 'acme-eu-office', 'acme--office'])
    expect((await api.post('/v1/tenants/acme/fleets', own(name), acme)).body).toMatchObject({
      violations: [{ pointer: '/name', code: 'name-prefix' }],
    });
});

it('a tenant whose name begins like that of another one gets its names', async () => {
  await api.post('/v1/tenants', { name: 'acme-eu' });
  expect((await api.post('/v1/tenants/acme-eu/fleets', own('acme-eu-office'))).status).toBe(201);
  expect((await api.post('/v1/tenants/acme-eu/fleets', own('acme-office-2'))).status).toBe(422);
  expect((await api.remove('/v1/fleets/acme-eu-office')).status).toBe(204);
});

it('a plan limits their number, also in a race', async () => {
  const racer = { token: await tokenFor(api, '/v1/tenants/racer', { scopes: ['write'] }) };
  const names = Array.from({ length: 12 }, (_, i) => `racer-${i}`);
  const statuses = await Promise.all(
    names.map(async (name) => (await api.post('/v1/tenants/racer/fleets', own(name), racer)).status),
  );
  expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(2);
  expect((await api.get('/v1/tenants/racer/fleets', racer)).body.items.length).toBeLessThanOrEqual(2);
  for (const name of ['racer-last', 'racer-more']) await api.post('/v1/tenants/racer/fleets', own(name));
  const refused = await api.post('/v1/tenants/racer/fleets', own('racer-late'));
  expect(refused).toMatchObject({ status: 409, body: { code: 'too-many' } });
  const { quotas } = (await api.get('/v1/tenants/racer/usage', racer)).body;
  expect(quotas.fleets).toEqual({ limit: 2, used: 2 });
});

it('it goes with its tenant, so a later tenant of that name gets none of its agents', async () => {
  await api.post('/v1/tenants/leaver/fleets', own('leaver-edge'));
  const disk = await enrol(api, 'leaver-edge');
  const { credential } = (await renew(api, disk)).body;
  const open = await tokenToEnrol(api, 'leaver-edge');
  expect((await api.remove('/v1/tenants/leaver')).status).toBe(204);
  expect((await api.get('/v1/fleets/leaver-edge')).status).toBe(404);
  await api.post('/v1/tenants', { name: 'leaver' });
  await api.post('/v1/tenants/leaver/fleets', own('leaver-edge'));
  expect((await renew(api, disk)).status).toBe(401);
  expect((await api.post('/v1/agents', enrolRequest(open.token), { token: null })).status).toBe(401);
  await expect
    .poll(async () => (await api.get('/v1/fleets/leaver-edge/feed', { token: credential })).status, { timeout: 7000 })
    .toBe(401);
});

it('a fleet that operators dedicated stays when its tenant goes, without agents that a later tenant of that name has not', async () => {
  await api.post('/v1/tenants', { name: 'former' });
  expect((await api.post('/v1/fleets', { ...own('kept'), tenant: 'former' })).status).toBe(201);
  const disk = await enrol(api, 'kept');
  const { credential } = (await renew(api, disk)).body;
  const [open, fixed] = [await tokenToEnrol(api, 'kept'), await tokenFor(api, '/v1/fleets/kept')];
  const streams = await Promise.all([credential, fixed].map((token) => follow(api, '/v1/fleets/kept/feed', token)));
  const others = await tokenFor(api, '/v1/fleets/public');
  expect((await api.remove('/v1/tenants/former')).status).toBe(204);
  for (const stream of streams) await stream.ended();
  await api.post('/v1/tenants', { name: 'former' });
  await api.put('/v1/tenants/former/gateways/edge', { ...gateway('new.example'), selector: { ingress: 'own' } });
  expect((await renew(api, disk)).status).toBe(401);
  expect((await api.post('/v1/agents', enrolRequest(open.token), { token: null })).status).toBe(401);
  for (const token of [credential, fixed]) expect((await api.get('/v1/fleets/kept/feed', { token })).status).toBe(401);
  expect((await api.get('/v1/fleets/public/feed', { token: others })).status).toBe(200);
  expect((await api.get('/v1/fleets/kept')).body.tenant).toBe('former');
  const { token } = await tokenToEnrol(api, 'kept');
  expect((await api.post('/v1/agents', enrolRequest(token), { token: null })).status).toBe(200);
});

it('its agents are charged to its plan, by the nodes of their reports, and not to its requests or to others', async () => {
  await api.put('/v1/plans/slow', { quotas: { requestsPerSecond: 1, requestBurst: 30 } });
  await api.post('/v1/tenants', { name: 'noisy' });
  await api.put('/v1/tenants/noisy/plan', { plan: 'slow' });
  await api.post('/v1/tenants/noisy/fleets', own('noisy-edge'));
  const token = await tokenFor(api, '/v1/fleets/noisy-edge');
  const shared = await tokenFor(api, '/v1/fleets/public');
  const report = async (fleet: string, count: number, agent: string) => {
    const nodes = Array.from({ length: count }, (_, i) => ({
      ...{ node: `n${i}`, version: '1', connected: true, acked: 0, live: 0, rejections: [] },
    }));
    return (await api.post(`/v1/fleets/${fleet}/status`, { agent: 'a', nodes }, { token: agent })).status;
  };
  // 1 for the request and 20 for its nodes, twice: 12 units more than the plan has at once.
  expect([await report('noisy-edge', 1000, token), await report('noisy-edge', 1000, token)]).toEqual([204, 204]);
  expect(await report('noisy-edge', 1, token)).toBe(429);
  expect(await report('public', 1, shared)).toBe(204);
  const noisy = { token: await tokenFor(api, '/v1/tenants/noisy', { scopes: ['read'] }) };
  expect((await api.get('/v1/tenants/noisy', noisy)).headers.get('ratelimit')).toMatch(/^"tenant";r=29;/);
});

it('a tenant cannot change its fleets again and again', async () => {
  await api.post('/v1/tenants', { name: 'restless' });
  await api.post('/v1/tenants/restless/fleets', own('restless-edge'));
  const restless = { token: await tokenFor(api, '/v1/tenants/restless', { scopes: ['write'] }) };
  const changes = Array.from({ length: 30 }, (_, i) =>
    api.patch('/v1/fleets/restless-edge', { labels: { n: `${i}` } }, restless),
  );
  const refused = (await Promise.all(changes)).filter(({ status }) => status === 429);
  // A process of the API counts by itself.
  expect(refused.length).toBeGreaterThan(0);
});
