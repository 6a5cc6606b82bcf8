import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, harness, route, SHARED_FLEET, tenantWithRoute, tokenFor, upstream } from '../harness.ts';
import { follow } from './stream.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_FEED_BUFFER: '65536', GATEHOUSE_DEDICATED_NODES: '3' });
  await api.post('/v1/fleets', SHARED_FLEET);
});
afterAll(() => api.close());

/** A reader that takes the answer's head and then nothing, until told to. */
function stuckReader(path: string, token: string) {
  return new Promise<{ drain(): Promise<void> }>((resolve, reject) => {
    request(api.url + path, { headers: { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' } })
      .on('response', (response) =>
        resolve({
          drain: () =>
            new Promise((ended) => {
              response.on('close', ended);
              response.on('error', () => {});
              response.resume();
            }),
        }),
      )
      .on('error', reject)
      .end();
  });
}

test('a reader that stops reading is disconnected, and delays no other reader', async () => {
  const token = await tokenFor(api, '/v1/fleets/public');
  await tenantWithRoute(api, 'large');
  const after = (await api.get('/v1/fleets/public', { token })).body.seq as number;
  const feed = `/v1/fleets/public/feed?after=${after}`;
  const stuck = await stuckReader(feed, token);
  const brisk = await follow(api, feed, token);
  await brisk.until((event) => event.type === 'fleet');

  const cutOff = () => api.said().some((line) => line.includes('a feed reader was disconnected: it is too slow'));
  const rules = Array.from({ length: 100 }, (_, index) => ({
    match: [{ uri: { exact: `/${index}` } }],
    directResponse: { status: 200, body: 'x'.repeat(4000) },
  }));
  for (let round = 1; round <= 100 && !cutOff(); round++) {
    const spec = {
      ...route('large.example.com', `${round}s`),
      http: rules.map((rule) => ({ ...rule, name: `r${round}` })),
    };
    expect((await api.put('/v1/tenants/large/routes/web', spec)).status).toBe(200);
    await brisk.until((event) => event.type === 'tenant');
  }
  expect(cutOff()).toBe(true);
  await stuck.drain();

  await api.put('/v1/tenants/large/upstreams/web', upstream('10.8.8.8'));
  expect((await brisk.until((event) => event.type === 'tenant')).at(-1)).toMatchObject({
    puts: [{ kind: 'upstream' }],
  });
  brisk.close();
});

test('429: as many agents follow a fleet as it may have nodes, and the place of one that ends is free', async () => {
  await api.post('/v1/tenants', { name: 'owner' });
  await api.post('/v1/fleets', { ...SHARED_FLEET, name: 'own', labels: { ingress: 'own' }, tenant: 'owner' });
  const token = await tokenFor(api, '/v1/fleets/own');
  const feed = '/v1/fleets/own/feed';
  const followers = [];
  for (let i = 0; i < 3; i++) followers.push(await follow(api, feed, token));
  const refused = await api.get(feed, { token, headers: { accept: 'application/x-ndjson' } });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
  followers.pop()!.close();
  for (;;) {
    const again = await follow(api, feed, token).catch(() => undefined);
    if (again) {
      followers.push(again);
      break;
    }
  }
  for (const each of followers) each.close();
});
