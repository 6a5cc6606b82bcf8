import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, harness } from '../harness.ts';

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
  const kept = await api.store.keptResponse(
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
