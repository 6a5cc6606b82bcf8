import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../../api/settings.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness } from '../harness.ts';
import { type Mailbox, mailbox, person } from '../people/mailbox.ts';

describe.skipIf(elsewhere !== undefined)('a person who creates a tenant', () => {
  let api: Harness;
  let box: Mailbox;
  let ada: { token: string };
  let eve: { token: string };
  beforeAll(async () => {
    api = await harness({ GATEHOUSE_TENANTS_PER_PERSON: '2', GATEHOUSE_PLATFORM_GATEWAY: 'infra/shared' });
    box = mailbox(api);
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

  test('409: the name of a tenant, a reserved name, a name that could be an international one, the tenant of the platform', async () => {
    for (const name of ['shop', 'www', 'admin', 'mta-sts', 'openpgpkey', 'xn--bcher-kva', 'ab--c', 'infra']) {
      const { status, body } = await api.post('/v1/tenants', { name }, eve);
      expect([name, status, body.code]).toEqual([name, 409, 'name-taken']);
    }
    for (const name of ['www', 'infra']) expect((await api.post('/v1/tenants', { name })).status).toBe(201);
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

  test('409: more tenants than a person may own, by an invitation or a change of the role', async () => {
    expect((await api.post('/v1/tenants', { name: 'given' }, eve)).status).toBe(201);
    const invited = async (role: string, by: object) => {
      await api.post('/v1/tenants/given/invitations', { email: 'ada@example.com', role }, by);
      const code = await box.codeFor('ada@example.com');
      return (await api.post('/v1/invitations/accept', { code }, ada)).body;
    };
    expect((await invited('owner', eve)).code).toBe('too-many-tenants');
    expect(await invited('viewer', eve)).toEqual({ tenant: 'given', role: 'viewer' });
    const { id } = (await api.get('/v1/me', ada)).body;
    const member = `/v1/tenants/given/members/${id}`;
    expect((await api.patch(member, { role: 'owner' }, eve)).body.code).toBe('too-many-tenants');
    // What an operator decides is not limited.
    expect((await api.patch(member, { role: 'owner' })).status).toBe(200);
    expect((await api.patch(member, { role: 'owner' }, eve)).status).toBe(409);
    expect((await api.remove(member)).status).toBe(204);
    expect(await invited('owner', {})).toEqual({ tenant: 'given', role: 'owner' });
    expect((await api.remove(member)).status).toBe(204);
  });
});

test('the gateway of the platform is one of a named tenant', () => {
  const { platformGateway } = readSettings({ GATEHOUSE_PLATFORM_GATEWAY: 'infra/shared' });
  expect(platformGateway).toBe('infra/shared');
  for (const text of ['shared', '/shared', 'infra/', 'a/b/c', 'infra/shared:https', 'Infra/shared'])
    expect(() => readSettings({ GATEHOUSE_PLATFORM_GATEWAY: text })).toThrow('GATEHOUSE_PLATFORM_GATEWAY must be');
});
