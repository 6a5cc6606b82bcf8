import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ADVANCE } from '../../../api/keeping/advance.ts';
import { type Harness, harness, SHARED_FLEET, tenantWithRoute, tokenFor } from '../harness.ts';

let api: Harness;
beforeAll(async () => {
  const isOwn = inject('worker') === undefined && inject('postgres') === undefined;
  const file = join(mkdtempSync(join(tmpdir(), 'gatehouse-restored-')), 'api.sqlite');
  api = await harness(isOwn ? { GATEHOUSE_STORE: `sqlite:${file}` } : {});
});
afterAll(() => api.close());

test('after a restore, a node without any configuration yet is not live', async () => {
  await api.post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 'acme');
  const agent = await tokenFor(api, '/v1/fleets/public');
  const { driver } = await api.database();
  await driver.batch(ADVANCE.map((sql) => ({ sql, params: [] })));
  await driver.close();
  const stateAt = async (cursor: number) => {
    const node = { node: 'n1', version: '1.40.0', connected: true, acked: cursor, live: cursor, rejections: [] };
    await api.post('/v1/fleets/public/status', { agent: 'a1', nodes: [node] }, { token: agent });
    return (await api.get('/v1/tenants/acme/revisions/1/status')).body.state;
  };
  expect(await stateAt(0)).toBe('pending');
  expect(await stateAt((await api.get('/v1/fleets/public')).body.seq)).toBe('live');
});
