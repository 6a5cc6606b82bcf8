/** The job that removes expired registrations, at times that the test chooses. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { expireEndpoints } from '../../../api/jobs/expire-endpoints.ts';
import { runIfDue } from '../../../api/jobs/run.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness, SHARED_FLEET, tenantWithRoute } from '../harness.ts';

const MINUTE = 60_000;
const never = new AbortController().signal;
let api: Harness;
let start: number;

beforeEach(async () => {
  // The timer of the process does not run the job during a test.
  api = await harness({ GATEHOUSE_ENDPOINT_EXPIRY: `${MINUTE}` });
  start = Date.now();
  await api.post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 'acme');
});
afterEach(() => api.close());

const at = (id: string) => `/v1/tenants/acme/upstreams/web/endpoints/${id}`;
const register = (id: string, ttl = '30s') => api.put(at(id), { address: '10.0.0.7', ttl });
const ids = async () => (await api.get(at('').slice(0, -1))).body.items.map(({ id }: { id: string }) => id) as string[];
/** Runs the job as if the test had begun this long ago. */
const run = async (ms: number) => {
  const services = { ...api.app!.services, clock: () => start + ms };
  await runIfDue(expireEndpoints, services, never);
};
const lastRow = async () => {
  const { seq } = (await api.store.fleets.find('public'))!;
  return (await api.store.feed.read('public', seq - 1, 1)).rows[0];
};

test.skipIf(elsewhere)('removes a registration that was not renewed, and tells the fleets', async () => {
  await register('a');
  await register('b', '10m');
  await run(0);
  expect(await ids()).toEqual(['a', 'b']);
  await run(MINUTE);
  expect(await ids()).toEqual(['b']);
  expect(await lastRow()).toMatchObject({ tenant: 'acme', revision: 1, base: 1, upstreams: ['web'] });
  const { seq } = (await api.store.fleets.find('public'))!;
  await run(2 * MINUTE);
  expect((await api.store.fleets.find('public'))!.seq).toBe(seq);
});

test.skipIf(elsewhere)('removes nothing after an outage, and what is not renewed after that', async () => {
  await register('a');
  await register('b');
  await run(0);
  await run(60 * MINUTE);
  expect(await ids()).toEqual(['a', 'b']);
  const { expiresAt } = (await api.get(at('a'))).body;
  expect(Date.parse(expiresAt)).toBe(start + 60 * MINUTE + 30_000);
  await run(61 * MINUTE);
  expect(await ids()).toEqual([]);
});

test.skipIf(elsewhere)('removes those of many upstreams and tenants', async () => {
  await tenantWithRoute(api, 'other');
  for (let n = 0; n < 3; n++) {
    await register(`a${n}`);
    await api.put(`/v1/tenants/other/upstreams/web/endpoints/a${n}`, { address: '10.0.0.7', ttl: '30s' });
  }
  await run(0);
  await run(MINUTE);
  expect(await ids()).toEqual([]);
  expect(await api.store.endpoints.groups('other')).toEqual([]);
});
