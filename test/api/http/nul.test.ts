import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, harness } from '../harness.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/tenants', { name: 'acme' });
});
afterAll(() => api.close());

test.for([
  ['POST', '/v1/tenants', { name: 'other', displayName: 'a\0b' }, '/displayName'],
  ['PATCH', '/v1/tenants/acme', { displayName: '\0' }, '/displayName'],
  ['POST', '/v1/tenants/acme/tokens', { scopes: ['read'], description: '\0' }, '/description'],
  ['GET', '/v1/tenants?prefix=%00', undefined, '/prefix'],
  ['GET', '/v1/tenants?label=a%3D%00', undefined, '/label'],
] as const)('U+0000 is refused on every database: %s %s', async ([method, path, body, at]) => {
  const { status, body: problem } = await api.call(method, path, body);
  expect(status).toBe(422);
  expect(problem.violations).toEqual([
    {
      path: at,
      ...(body && { pointer: at }),
      code: 'invalid-character',
      message: 'must not have the character U+0000',
    },
  ]);
});

test('a backslash before u0000 is text like any other', async () => {
  const { status, body } = await api.post('/v1/tenants', { name: 'escaped', displayName: '\\u0000' });
  expect(status).toBe(201);
  expect(body.displayName).toBe('\\u0000');
});
