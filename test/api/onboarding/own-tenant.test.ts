import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elsewhere } from '../engine.ts';
import { type Harness, harness } from '../harness.ts';
import { mailbox, person } from '../people/mailbox.ts';

describe.skipIf(elsewhere !== undefined)('a person who creates a tenant', () => {
  let api: Harness;
  let ada: { token: string };
  let eve: { token: string };
  beforeAll(async () => {
    api = await harness({ GATEHOUSE_TENANTS_PER_PERSON: '2' });
    const box = mailbox(api);
    ada = { token: await person(api, box, 'ada@example.com') };
    eve = { token: await person(api, box, 'eve@example.com') };
  });
  afterAll(() => api.close());

  test('201: owns it at once; nobody else may use it', async () => {
    expect((await api.get('/v1/tenants/shop', ada)).status).toBe(403);
    expect((await api.post('/v1/tenants', { name: 'shop' }, ada)).status).toBe(201);
    expect((await api.get('/v1/tenants/shop', ada)).body).toMatchObject({ name: 'shop', revision: 0 });
    expect((await api.post('/v1/tenants/shop/tokens', { scopes: ['admin'] }, ada)).status).toBe(201);
    expect((await api.get('/v1/tenants/shop', eve)).status).toBe(403);
  });

  test('409: the name of a tenant, a reserved name, a name that could be an international one', async () => {
    for (const name of ['shop', 'www', 'admin', 'xn--bcher-kva', 'ab--c']) {
      const { status, body } = await api.post('/v1/tenants', { name }, eve);
      expect([name, status, body.code]).toEqual([name, 409, 'name-taken']);
    }
    expect((await api.post('/v1/tenants', { name: 'www' })).status).toBe(201);
  });

  test('409: more tenants than a person may own', async () => {
    expect((await api.post('/v1/tenants', { name: 'second' }, ada)).status).toBe(201);
    const { status, body } = await api.post('/v1/tenants', { name: 'third' }, ada);
    expect([status, body.code, body.detail]).toEqual([
      409,
      'too-many-tenants',
      'you own 2 tenants already; a person may own 2',
    ]);
  });
});
