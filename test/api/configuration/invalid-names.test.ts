import { afterAll, beforeAll, expect, test } from 'vitest';
import { gateway, type Harness, harness } from '../harness.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/tenants', { name: 'acme' });
});
afterAll(() => api.close());

const spec = gateway('acme.example.com');

test.each(['beta/web', 'a/b/c', '/', ''])('a violation has the whole name of a resource: %j', async (name) => {
  const written = { resource: `gateways/${name}`, kind: 'gateway', name };
  const at = name.replaceAll('/', '~1');
  const applied = await api.put('/v1/tenants/acme/configuration', { gateways: { [name]: spec } });
  expect([applied.status, applied.body.violations]).toMatchObject([
    422,
    [{ ...written, code: 'invalid-name', pointer: `/gateways/${at}` }],
  ]);
});
