import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exported } from '../../../api/audit/export.ts';
import type { Context } from '../../../api/context.ts';
import { issue } from '../certificates/authority.ts';
import { type Harness, harness, route, SHARED_FLEET, tenantWithRoute, tokenFor } from '../harness.ts';

let api: Harness;
let token: string;
const LOG = '/v1/tenants/acme/audit';

interface Entry {
  chain: string;
  number: number;
  action: string;
  target: string;
  actor: string;
  at: string;
  requestId: string;
  remote: string;
  diff?: object;
  previous: string;
  hash: string;
}

beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 'acme');
  await tenantWithRoute(api, 'rival');
  token = await tokenFor(api, '/v1/tenants/acme', { scopes: ['admin'] });
  await api.put('/v1/tenants/acme/routes/web', route('acme.example.com', '9s'), { token });
  await api.patch('/v1/tenants/acme', { displayName: 'Acme' }, { token });
  await api.remove('/v1/tenants/acme/routes/web', { token });
});
afterAll(() => api.close());

const items = async (query = ''): Promise<Entry[]> => (await api.get(`${LOG}${query}`, { token })).body.items;
const linesOf = async (path: string): Promise<Entry[]> =>
  (await api.get(path)).body
    .trimEnd()
    .split('\n')
    .map((line: string) => JSON.parse(line));

test('an entry says who did what, when, from where, and which fields changed', async () => {
  const entries = await items();
  expect(entries.map(({ number, action }) => `${number} ${action}`)).toEqual([
    '6 publish',
    '5 update',
    '4 publish',
    '3 create',
    '2 publish',
    '1 create',
  ]);
  const { body: created } = await api.get('/v1/tenants/acme/tokens', { token });
  const actor = `token:${created.items[0].id}`;
  expect(entries[0]).toMatchObject({ actor, target: 'tenants/acme/revisions/3' });
  expect(entries[0]!.remote).not.toBe('');
  expect(Math.abs(Date.parse(entries[0]!.at) - Date.now())).toBeLessThan(600_000);
  expect(entries.map(({ diff }) => diff)).toEqual([
    { changes: [{ resource: 'routes/web', path: '', operation: 'remove' }] },
    { changes: [{ path: '/displayName', operation: 'replace', before: 'acme', after: 'Acme' }] },
    { changes: [{ resource: 'routes/web', path: '/http/0/timeout', operation: 'replace' }] },
    { changes: [{ path: '/scopes', operation: 'add', after: ['admin'] }] },
    {
      changes: ['gateways/edge', 'routes/web', 'upstreams/web'].map((resource) => ({
        resource,
        path: '',
        operation: 'add',
      })),
    },
    {
      changes: [
        { path: '/displayName', operation: 'add', after: 'acme' },
        { path: '/labels', operation: 'add', after: {} },
      ],
    },
  ]);
});

test('an entry about a plan says which plan, and which limits', async () => {
  await api.put('/v1/plans/small', { quotas: { routes: 2 } });
  await api.put('/v1/plans/small', { quotas: { routes: 3 } });
  await api.put('/v1/tenants/rival/plan', { plan: 'small' });
  const plans: Entry[] = (await api.get('/v1/audit?target=plans/small')).body.items;
  const [assigned]: Entry[] = (await api.get('/v1/audit?target=tenants/rival/plan')).body.items;
  expect([assigned!, ...plans].map(({ diff }) => diff)).toEqual([
    { changes: [{ path: '/plan', operation: 'replace', before: 'default', after: 'small' }] },
    { changes: [{ path: '/quotas/routes', operation: 'replace', before: 2, after: 3 }] },
    {
      changes: [
        { path: '/description', operation: 'add', after: '' },
        { path: '/quotas', operation: 'add', after: { routes: 2 } },
      ],
    },
  ]);
});

test('entries about fleets, agents and endpoints say what was set', async () => {
  const fleet = {
    name: 'labelled',
    ports: [{ number: 80, bind: 10080, protocol: 'HTTP' }],
    denyDestinations: ['192.0.2.0/24'],
  };
  expect((await api.post('/v1/fleets', { ...fleet, labels: { tier: 'free' } })).status).toBe(201);
  const enrolled = await api.post('/v1/fleets/labelled/enrolments', { description: 'rack 7' });
  const endpoint = '/v1/tenants/rival/upstreams/web/endpoints/a';
  for (const port of [9080, 9081])
    expect((await api.put(endpoint, { address: '10.0.0.7', port, ttl: '60s' })).status).toBeLessThan(300);
  const changesOf = async (target: string): Promise<object[]> =>
    (await api.get(`/v1/audit?target=${target}`)).body.items.map(({ diff }: { diff: object }) => diff);
  const added = (fields: Record<string, unknown>) => ({
    changes: Object.entries(fields).map(([name, after]) => ({ path: `/${name}`, operation: 'add', after })),
  });
  const { denyDestinations, ports } = fleet;
  expect(await changesOf('fleets/labelled')).toEqual([
    added({ description: 'rack 7', expiresAt: enrolled.body.expiresAt }),
    added({ denyDestinations, labels: { tier: 'free' }, ports }),
  ]);
  expect(await changesOf('tenants/rival/upstreams/web/endpoints/a')).toEqual([
    { changes: [{ path: '/port', operation: 'replace', before: 9080, after: 9081 }] },
    added({ address: '10.0.0.7', port: 9080, ttl: '60s' }),
  ]);
});

test('a write that changes nothing leaves no entry', async () => {
  const [last] = await items();
  await api.patch('/v1/tenants/acme/upstreams/web', {}, { token });
  await api.put('/v1/tenants/acme/upstreams/web?dryRun=true', { port: 1, endpoints: [] }, { token });
  await api.put('/v1/tenants/acme/upstreams/web', { port: 'x' }, { token });
  expect((await items())[0]).toEqual(last);
});

test('the log is read in pages and filtered', async () => {
  const seen: number[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await api.get(`${LOG}?limit=4${cursor}`, { token });
    seen.push(...body.items.map(({ number }: Entry) => number));
    if (body.next === undefined) break;
    cursor = `&cursor=${body.next}`;
  }
  expect(seen).toEqual([6, 5, 4, 3, 2, 1]);
  const numbers = async (query: string) => (await items(query)).map(({ number }) => number);
  const [{ actor, at }] = (await items('?limit=1')) as [Entry];
  expect(await numbers(`?actor=${actor}`)).toEqual([6, 5, 4]);
  expect(await numbers('?action=create')).toEqual([3, 1]);
  expect(await numbers('?target=tenants/acme/revisions')).toEqual([6, 4, 2]);
  expect(await numbers('?target=tenants/acme/rev')).toEqual([]);
  expect(await numbers(`?until=${at}&action=publish`)).not.toContain(6);
  expect(await numbers(`?since=${new Date(Date.parse(at)).toISOString()}`)).toContain(6);
  for (const query of ['?cursor=MTphYmM', '?since=yesterday', '?limit=0', '?actor=', '?colour=red'])
    expect((await api.get(LOG + query, { token })).status, query).toBe(422);
  const { body } = await api.get(`${LOG}?since=yesterday`, { token });
  expect(body.violations[0].message).toBe('must be a time such as 2026-01-31T00:00:00Z');
});

test('an export has one entry per line, whose hashes anybody can compute', async () => {
  const lines = await linesOf(`${LOG}/export`);
  expect(lines).toEqual((await items()).toReversed());
  let previous = '';
  for (const [index, entry] of lines.entries()) {
    const { actor, action, target, at, requestId, remote, diff } = entry;
    const content = [actor, action, target, Date.parse(at), requestId, remote, diff ? JSON.stringify(diff) : null];
    const hash = createHash('sha256')
      .update(`${previous}:${index + 1}:${JSON.stringify(content)}`)
      .digest('hex');
    expect(entry).toMatchObject({ number: index + 1, previous, hash });
    previous = hash;
  }
  expect(await linesOf(`${LOG}/export?after=4`)).toEqual(lines.slice(4));
  expect(await linesOf(`/v1/audit/export?after=4&chain=${lines[0]!.chain}`)).toEqual(lines.slice(4));
  const ofAll = await api.get('/v1/audit/export?after=4');
  expect([ofAll.status, ofAll.body.violations]).toMatchObject([422, [{ path: '/after' }]]);
});

test('an export that matches nothing lets other work run, and ends with its reader', async () => {
  let reads = 0;
  const read = async () => {
    const until = performance.now() + 1;
    while (performance.now() < until);
    return { entries: [], ...(++reads < 3000 && { next: reads }) };
  };
  const store = { audit: { read } };
  const reader = exported({ store } as unknown as Context, undefined, {}, () => '').getReader();
  const line = reader.read();
  await new Promise((resolve) => setTimeout(resolve));
  await reader.cancel();
  expect(await line).toMatchObject({ done: true });
  const before = reads;
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
  expect([before < 1000, reads - before < 100]).toEqual([true, true]);
});

test('operators read everything; nobody else reads the log of another tenant', async () => {
  const all = await linesOf('/v1/audit/export');
  const targets = all.map(({ target }) => target);
  expect(targets).toContain('fleets/public');
  expect(targets).toContain('tenants/rival/revisions/1');
  const platform = (await api.get('/v1/audit?chain=platform')).body.items as Entry[];
  expect(platform.map(({ target }) => target)).not.toContain('tenants/rival/revisions/1');
  for (const path of ['/v1/tenants/rival/audit', '/v1/tenants/rival/audit/export', '/v1/audit', '/v1/audit/export'])
    expect((await api.get(path, { token })).status, path).toBe(403);
  const writer = await tokenFor(api, '/v1/tenants/acme', { scopes: ['write'] });
  expect((await api.get(LOG, { token: writer })).status).toBe(403);
  expect((await api.get('/v1/tenants/nobody/audit')).status).toBe(404);
});

test('the owner of a name sees nothing of an earlier tenant of that name', async () => {
  await tenantWithRoute(api, 'brief');
  await api.remove('/v1/tenants/brief');
  await api.post('/v1/tenants', { name: 'brief' });
  const { body } = await api.get('/v1/tenants/brief/audit');
  expect(body.items).toHaveLength(1);
  const deleted = await api.get('/v1/audit?target=tenants/brief&action=delete');
  expect(deleted.body.items).toMatchObject([{ chain: 'platform', target: 'tenants/brief' }]);
});

test('no secret is in the log', async () => {
  const secrets = await Promise.all([
    issue(['acme.example.com']),
    tokenFor(api, '/v1/tenants/acme', { scopes: ['read'] }),
  ]);
  const [{ certificateChain, privateKey }, made] = secrets;
  const put = await api.put('/v1/tenants/acme/certificates/web', { certificateChain, privateKey });
  expect(put.body).toMatchObject({ name: 'web' });
  const log = (await api.get('/v1/audit/export')).body as string;
  for (const secret of ['PRIVATE KEY', privateKey.slice(100, 140), made, token]) expect(log).not.toContain(secret);
});
