import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSettings } from '../../../api/settings.ts';
import { type Harness, harness, OPERATOR } from '../harness.ts';
import { rawRequest } from './raw.ts';

const DASHBOARD = 'https://dashboard.example.com';
let api: Harness;
let closed: Harness;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_CORS_ORIGINS: `${DASHBOARD}, http://localhost:5173` });
  closed = await harness();
});
afterAll(() => Promise.all([api.close(), closed.close()]));

const preflight = (to: Harness, origin: string) =>
  rawRequest(
    `${to.url}/v1/tenants`,
    { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' },
    { method: 'OPTIONS' },
  );
const read = (to: Harness, origin: string, token = OPERATOR) =>
  rawRequest(`${to.url}/v1/tenants`, { origin, authorization: `Bearer ${token}` });

test.each([DASHBOARD, 'http://localhost:5173'])('a page of a configured origin may call: %s', async (origin) => {
  const asked = await preflight(api, origin);
  expect(asked.status).toBe(204);
  expect(asked.headers).toMatchObject({ 'access-control-allow-origin': origin, 'access-control-max-age': '7200' });
  expect(String(asked.headers['access-control-allow-headers']).toLowerCase().split(',')).toEqual(
    expect.arrayContaining(['authorization', 'content-type', 'if-match', 'if-none-match', 'prefer', 'idempotency-key']),
  );
  expect(String(asked.headers['access-control-allow-methods']).split(',')).toEqual(
    expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  );
  const { status, headers } = await read(api, origin);
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'access-control-allow-origin': origin });
  expect(String(headers.vary).toLowerCase()).toContain('origin');
  const exposed = String(headers['access-control-expose-headers']).toLowerCase().split(',');
  for (const header of ['etag', 'gatehouse-revision', 'gatehouse-status', 'link', 'location', 'retry-after'])
    expect(exposed).toContain(header);
  expect(headers).toMatchObject({ 'access-control-allow-credentials': 'true' });
});

test('it may read why it was refused, too', async () => {
  const { status, headers, body } = await read(api, DASHBOARD, 'gh_operator_wrong');
  expect([status, headers['access-control-allow-origin']]).toEqual([401, DASHBOARD]);
  expect(JSON.parse(body.toString())).toMatchObject({ code: 'unauthorized' });
});

test.each(['https://evil.example.com', `${DASHBOARD}.evil.com`, 'null', 'http://dashboard.example.com'])(
  'another may not: %s',
  async (origin) => {
    expect((await preflight(api, origin)).headers).not.toHaveProperty('access-control-allow-origin');
    expect((await read(api, origin)).headers).not.toHaveProperty('access-control-allow-origin');
  },
);

test('without the setting nobody may', async () => {
  for (const answer of [await preflight(closed, DASHBOARD), await read(closed, DASHBOARD)])
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
});

test('an entry that is no origin is refused at the start', () => {
  for (const wrong of ['dashboard.example.com', `${DASHBOARD}/`, `${DASHBOARD}/app`, 'https://*.example.com'])
    expect(() => readSettings({ GATEHOUSE_CORS_ORIGINS: wrong }), wrong).toThrow('GATEHOUSE_CORS_ORIGINS');
});
