import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operations } from '../../api/app.ts';
import { openapiDocument } from '../../api/observe/document.ts';
import { type Api, connect } from '../../openapi/client.ts';
import { typescriptOf } from '../../openapi/typescript.ts';
import { type Harness, harness, OPERATOR, SHARED_FLEET, upstream } from './harness.ts';

let api: Harness;
let client: Api;
beforeAll(async () => {
  api = await harness();
  client = connect(api.url, OPERATOR);
});
afterAll(() => api.close());

const committed = (file: string) => readFileSync(new URL(`../../openapi/${file}`, import.meta.url), 'utf8');

test('openapi/openapi.json and openapi/schema.ts are what `node openapi/emit.ts` writes', () => {
  const document = openapiDocument(operations());
  expect(
    committed('openapi.json') === `${JSON.stringify(document, null, 2)}\n`,
    'openapi.json is stale: run node openapi/emit.ts',
  ).toBe(true);
  expect(committed('schema.ts') === typescriptOf(document), 'schema.ts is stale: run node openapi/emit.ts').toBe(true);
});

test('the served document is the emitted one', async () => {
  expect((await api.get('/openapi.json')).body).toEqual(JSON.parse(committed('openapi.json')));
});

test('it passes the recommended rules of redocly', () => {
  const redocly = new URL('../../node_modules/.bin/redocly', import.meta.url).pathname;
  execFileSync(redocly, ['lint', '--max-problems=1'], {
    stdio: 'pipe',
    env: { ...process.env, REDOCLY_TELEMETRY: 'off' },
  });
});

test('every operation has an id of its own and declares 422', () => {
  const contracts = operations().map(({ contract }) => contract);
  expect(new Set(contracts.map(({ operationId }) => operationId)).size).toBe(contracts.length);
  for (const { operationId, openapi } of contracts)
    expect(Object.keys(openapi.responses), operationId).toContain('422');
});

test('the generated client works: typed data, typed problems', async () => {
  await client.POST('/v1/fleets', { body: SHARED_FLEET as never });
  const created = await client.POST('/v1/tenants', { body: { name: 'acme' } });
  expect(created.data?.name).toBe('acme');
  const path = { tenant: 'acme', name: 'web' };
  const put = await client.PUT('/v1/tenants/{tenant}/upstreams/{name}', { params: { path }, body: upstream() });
  expect(put.data?.spec.port).toBe(9080);
  const removed = await client.DELETE('/v1/tenants/{tenant}/upstreams/{name}', {
    params: { path: { ...path, name: 'absent' } },
  });
  expect(removed.error?.code).toBe('not-found');
});
