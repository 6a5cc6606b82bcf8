import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { idempotently } from '../../../api/http/idempotency.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness, SHARED_FLEET, tenantWithRoute, tokenFor, upstream } from '../harness.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness();
});
afterAll(() => api.close());

const key = (value: string) => ({ headers: { 'idempotency-key': value } });

test('the same key and request answer what the first one did, and do nothing', async () => {
  const first = await api.post('/v1/tenants', { name: 'acme' }, key('a'));
  const again = await api.post('/v1/tenants', { name: 'acme' }, key('a'));
  expect([again.status, again.body]).toEqual([first.status, first.body]);
  expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([
    null,
    'true',
  ]);
  expect(again.headers.get('location')).toBe('/v1/tenants/acme');
});

test('422: the same key for another request', async () => {
  await api.post('/v1/tenants', { name: 'one' }, key('b'));
  expect((await api.post('/v1/tenants', { name: 'two' }, key('b'))).body.code).toBe('idempotency-key-reused');
});

test('a failure is not kept', async () => {
  expect((await api.post('/v1/tenants', { name: 'acme' }, key('c'))).status).toBe(409);
  await api.remove('/v1/tenants/acme');
  expect((await api.post('/v1/tenants', { name: 'acme' }, key('c'))).status).toBe(201);
});

test('a repeated creation of a token answers the same token, which is not kept in the clear', async () => {
  const first = await api.post('/v1/tokens', {}, key('d'));
  const again = await api.post('/v1/tokens', {}, key('d'));
  expect(again.body).toEqual(first.body);
  const kept = await api.store.idempotency.find(
    (await api.get('/v1/tokens')).body.items.find(({ description }: { description: string }) =>
      description.startsWith('bootstrap'),
    ).id,
    'd',
    Date.now(),
  );
  expect(kept?.body).toBeTruthy();
  expect(kept?.body).not.toContain(first.body.token);
});

test('of several at once with one key, one runs', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => api.post('/v1/tenants', { name: 'many' }, key('e'))),
  );
  for (const { status, body } of answers) if (status !== 201) expect(body.code).toBe('idempotency-conflict');
  expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
});

test('422: the same key with other preconditions or preferences', async () => {
  await api.post('/v1/tenants', { name: 'significant' });
  const head = (await api.get('/v1/tenants/significant/configuration')).headers.get('etag')!;
  const post = (headers: Record<string, string>) =>
    api.post(
      '/v1/tenants/significant/revisions',
      { puts: [{ kind: 'upstream', name: 'web', spec: upstream() }] },
      { headers: { 'idempotency-key': 'f', ...headers } },
    );
  expect((await post({ 'if-match': head })).status).toBe(201);
  for (const other of [
    {},
    { 'if-match': '*' },
    { 'if-match': head, 'if-none-match': '"r1"' },
    { 'if-match': head, prefer: 'wait=1' },
  ])
    expect((await post(other as Record<string, string>)).body.code, JSON.stringify(other)).toBe(
      'idempotency-key-reused',
    );
  expect((await post({ 'if-match': head })).headers.get('idempotency-replayed')).toBe('true');
});

test('429: more bytes of replies than are kept for a tenant', async ({ skip }) => {
  if (elsewhere) skip(elsewhere);
  await api.post('/v1/tenants', { name: 'kept' });
  const { services } = api.app!;
  const clock = vi.spyOn(services, 'clock').mockReturnValue(Date.now());
  const keep = (payer: string, at: string, length: number) =>
    idempotently(services, { owner: 'somebody', key: at, tenant: payer }, at, async (keepReply) => {
      await keepReply({ status: 201, body: 'x'.repeat(length) });
      return { status: 201 };
    });
  const counts = [];
  for (const length of [2 ** 20, 2 ** 14, 2 ** 6]) {
    let count = 0;
    const fill = async () => {
      for (; count < 1000; count++) await keep('kept', `${length}-${count}`, length);
    };
    await expect(fill()).rejects.toMatchObject({ code: 'too-many-requests' });
    counts.push(count);
  }
  expect(counts[0]).toBeLessThan(33);
  const create = (more = {}) => api.post('/v1/tenants/kept/tokens', { scopes: ['read'] }, more);
  const { status, body } = await create(key('kept'));
  expect([status, body.detail]).toEqual([429, expect.stringContaining('bytes of replies that are kept')]);
  expect((await api.get('/v1/tenants/kept/tokens')).body.items).toEqual([]);
  expect((await create()).status).toBe(201);
  // What is kept for others has its own limit.
  await keep('acme', 'others', 2 ** 20);
  clock.mockRestore();
});

test('no reply is kept of a request that wrote nothing', async () => {
  await api.post('/v1/tenants', { name: 'dry' });
  const puts = [{ kind: 'upstream', name: 'web', spec: upstream() }];
  const post = () => api.post('/v1/tenants/dry/revisions?dryRun=true', { puts }, key('g'));
  expect((await post()).status).toBe(200);
  const again = await post();
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, null]);
});

test('no reply outlives its tenant or its fleet', async () => {
  const requests: [string, unknown][] = [
    ['/v1/tenants/gone/revisions', { puts: [{ kind: 'upstream', name: 'web', spec: upstream() }] }],
    ['/v1/tenants/gone/tokens', { scopes: ['read'] }],
    ['/v1/tenants/gone/invitations', { email: 'ann@example.com', role: 'viewer' }],
    ['/v1/tenants/gone/domains', { name: 'gone.example.com' }],
    ['/v1/fleets/gone-own/enrolments', {}],
    ['/v1/fleets/gone-dedicated/enrolments', {}],
    ['/v1/fleets/gone-shared/tokens', {}],
  ];
  const fleet = (name: string) => ({ name, labels: { ingress: name }, ports: [] });
  const create = async () => {
    await api.post('/v1/tenants', { name: 'gone' });
    expect((await api.post('/v1/tenants/gone/fleets', fleet('gone-own'))).status).toBe(201);
    expect((await api.post('/v1/fleets', fleet('gone-shared'))).status).toBe(201);
    // An operator's fleet stays when its tenant is removed. Its agents and their tokens do not.
    await api.post('/v1/fleets', { ...fleet('gone-dedicated'), tenant: 'gone' });
  };
  const all = async () => {
    const replies = [];
    for (const [index, [path, body]] of requests.entries()) {
      const { status, headers, body: reply } = await api.post(path, body, key(`gone-${index}`));
      expect(status, path).toBe(201);
      replies.push({ reply, replayed: headers.get('idempotency-replayed') });
    }
    return replies;
  };
  await create();
  const first = await all();
  const again = await all();
  expect(again).toEqual(first.map(({ reply }) => ({ reply, replayed: 'true' })));
  await api.remove('/v1/tenants/gone');
  await api.remove('/v1/fleets/gone-shared');
  await create();
  const later = await all();
  expect(later.map(({ replayed }) => replayed)).toEqual(requests.map(() => null));
  const token = later[1]!.reply.token as string;
  expect((await api.get('/v1/tenants/gone', { token })).body.revision).toBe(1);
});

test('the key of one anonymous caller has no effect on another', async () => {
  const signIn = (email: string) =>
    api.post('/v1/auth/sign-in', { email, password: 'not the password' }, { token: null, ...key('h') });
  const forgotten = await api.post(
    '/v1/auth/password/forgotten',
    { email: 'one@example.com' },
    { token: null, ...key('h') },
  );
  expect(forgotten.status).toBe(202);
  expect((await signIn('two@example.com')).status).toBe(401);
});

describe('with Prefer: wait', () => {
  const at = '/v1/tenants/waits';
  const put = (name: string) => ({ puts: [{ kind: 'upstream', name, spec: upstream() }] });
  const waiting = (value: string, seconds: number) => ({
    headers: { 'idempotency-key': value, prefer: `wait=${seconds}` },
  });
  let agent: string;
  beforeAll(async () => {
    await api.post('/v1/fleets', SHARED_FLEET);
    await tenantWithRoute(api, 'waits');
    agent = await tokenFor(api, '/v1/fleets/public');
    await live(0);
  });

  async function live(seq: number): Promise<void> {
    const node = { node: 'n', version: 'test', connected: true, acked: seq, live: seq, rejections: [] };
    const report = { agent: 'a', nodes: [node] };
    expect((await api.post('/v1/fleets/public/status', report, { token: agent })).status).toBe(204);
  }
  const head = async (): Promise<number> => (await api.get('/v1/fleets/public')).body.seq;

  test('a repeated request waits again, for the revision that the first one made', async () => {
    const first = await api.post(`${at}/revisions`, put('a'), waiting('w1', 0));
    expect([first.status, first.headers.get('gatehouse-status')]).toEqual([202, 'pending']);
    await live(await head());
    const again = await api.post(`${at}/revisions`, put('a'), waiting('w1', 0));
    expect([again.status, again.headers.get('gatehouse-status')]).toEqual([200, 'live']);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    expect((await api.get(at)).body.revision).toBe(first.body.revision);
  });

  test('a request that is repeated while the first one waits is not refused: its change is made', async () => {
    const before = (await api.get(at)).body.revision;
    const first = api.post(`${at}/revisions`, put('b'), waiting('w2', 60));
    await expect.poll(async () => (await api.get(at)).body.revision, { timeout: 10_000 }).toBe(before + 1);
    const again = api.post(`${at}/revisions`, put('b'), waiting('w2', 60));
    await live(await head());
    for (const { status, body } of await Promise.all([first, again]))
      expect([status, body.revision]).toEqual([200, before + 1]);
  });
});
