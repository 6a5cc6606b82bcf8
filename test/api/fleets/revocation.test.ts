import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Harness, harness, SHARED_FLEET, tenantWithRoute } from '../harness.ts';
import { follow } from './stream.ts';

let api: Harness;
let count = 0;

/** A fleet of its own, with one of its tokens. */
async function fleetWithToken(body: () => object = () => ({})) {
  const name = `f${++count}`;
  expect((await api.post('/v1/fleets', { ...SHARED_FLEET, name })).status).toBe(201);
  const created = await api.post(`/v1/fleets/${name}/tokens`, body());
  expect(created.status).toBe(201);
  return { name, path: `/v1/fleets/${name}`, ...(created.body as { id: string; token: string }) };
}
async function open(path: string, token: string) {
  const stream = await follow(api, `${path}/feed`, token);
  await stream.until((event) => event.type === 'snapshot-end');
  return stream;
}

describe('at once', () => {
  beforeAll(async () => {
    // Checks too rarely to matter, so only the revocation itself can end the stream in time.
    api = await harness({ GATEHOUSE_HEARTBEAT: '600000', GATEHOUSE_FEED_POLL: '600000' });
  });
  afterAll(() => api.close());

  test('a revoked token ends its streams, and no other', async () => {
    const fleet = await fleetWithToken();
    const other = (await api.post(`${fleet.path}/tokens`, {})).body.token;
    const streams = await Promise.all([fleet.token, fleet.token, other].map((token) => open(fleet.path, token)));
    expect((await api.remove(`${fleet.path}/tokens/${fleet.id}`)).status).toBe(204);
    await Promise.all(streams.slice(0, 2).map((stream) => stream.ended()));
    await tenantWithRoute(api, `t${count}`);
    await streams[2]!.until((event) => event.type === 'tenant');
    streams[2]!.close();
    await expect(open(fleet.path, fleet.token)).rejects.toThrow('401');
  });

  test('a removed fleet ends its streams, also when another of that name comes at once', async () => {
    const fleet = await fleetWithToken();
    const stream = await open(fleet.path, fleet.token);
    expect((await api.remove(fleet.path)).status).toBe(204);
    expect((await api.post('/v1/fleets', { ...SHARED_FLEET, name: fleet.name })).status).toBe(201);
    await stream.ended();
    await expect(open(fleet.path, fleet.token)).rejects.toThrow('401');
  });

  test.for([
    ['a revoked token', (fleet: { path: string; id: string }) => `${fleet.path}/tokens/${fleet.id}`],
    ['a removed fleet', (fleet: { path: string }) => fleet.path],
  ] as const)('%s answers a long poll', async ([, removed]) => {
    const fleet = await fleetWithToken();
    const { seq } = (await api.get(fleet.path)).body;
    const waiting = api.get(`${fleet.path}/feed?after=${seq}&wait=60`, { token: fleet.token });
    // The request still waits: no event has come, so no response.
    const first = await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 300))]);
    expect(first).toBeUndefined();
    expect((await api.remove(removed(fleet))).status).toBe(204);
    expect((await waiting).status).toBe(401);
  });
});

describe('at the next heartbeat', () => {
  beforeAll(async () => {
    api = await harness({ GATEHOUSE_HEARTBEAT: '50', GATEHOUSE_FEED_POLL: '600000' });
  });
  afterAll(() => api.close());

  const expiring = () => fleetWithToken(() => ({ expiresAt: new Date(Date.now() + 2500).toISOString() }));

  test('a token that expires ends its streams', async () => {
    const fleet = await expiring();
    const stream = await open(fleet.path, fleet.token);
    await stream.heartbeat();
    await stream.ended();
    await expect(open(fleet.path, fleet.token)).rejects.toThrow('401');
  });

  test('a token that expires during a long poll is answered with 401', async () => {
    const fleet = await expiring();
    const { seq } = (await api.get(fleet.path)).body;
    const waited = await api.get(`${fleet.path}/feed?after=${seq}&wait=60`, { token: fleet.token });
    expect(waited.status).toBe(401);
  });

  test('a revocation whose word was lost ends its streams', async () => {
    const fleet = await fleetWithToken();
    const stream = await open(fleet.path, fleet.token);
    await stream.heartbeat();
    const by = { actor: 'x', action: 'revoke', target: 'x', at: 1, requestId: 'x', remote: '' };
    expect(await api.store.tokens.revoke({ fleet: fleet.name }, fleet.id, 1, by)).toBe(true);
    await stream.ended();
  });
});
