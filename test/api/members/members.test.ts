import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elsewhere } from '../engine.ts';
import { gateway, type Harness, harness, route, SHARED_FLEET, tenantWithRoute, tokenFor } from '../harness.ts';
import { type Mailbox, mailbox, person } from '../people/mailbox.ts';

describe.skipIf(elsewhere !== undefined)('members', () => {
  let api: Harness;
  let box: Mailbox;
  const people: Record<string, string> = {};
  beforeAll(async () => {
    api = await harness({ GATEHOUSE_PUBLIC_URL: 'https://gatehouse.example.com', GATEHOUSE_MAIL_LIMIT: '100' });
    box = mailbox(api);
    await api.post('/v1/fleets', SHARED_FLEET);
    for (const name of ['acme', 'rival']) await tenantWithRoute(api, name);
    for (const name of ['ann', 'bob', 'eve']) people[name] = await person(api, box, `${name}@example.com`);
    await join('ann', 'owner');
  });
  afterAll(() => api.close());

  const by = (name: string) => ({ token: people[name]! });
  const at = '/v1/tenants/acme';
  const invite = (name: string, role: string, as: object = {}) =>
    api.post(`${at}/invitations`, { email: `${name}@example.com`, role }, as);
  const accept = (code: string, name: string) => api.post('/v1/invitations/accept', { code }, by(name));
  const codeFor = (name: string) => box.codeFor(`${name}@example.com`);
  async function join(name: string, role: string) {
    expect((await invite(name, role)).status).toBe(201);
    const accepted = await accept(await codeFor(name), name);
    expect([accepted.status, accepted.body]).toEqual([200, { tenant: 'acme', role }]);
  }
  /** The changes in the entries of the audit log about an object, the latest first. */
  const changesOf = async (target: string): Promise<object[]> =>
    (await api.get(`/v1/audit?target=${target}`)).body.items.map(
      (entry: { diff: { changes: object[] } }) => entry.diff.changes,
    );
  const idOf = async (name: string): Promise<string> => (await api.get('/v1/me', by(name))).body.id;

  test('an invitation is for one address, is used once, and neither response nor list contains its code', async () => {
    const invited = await invite('bob', 'viewer', by('ann'));
    expect(invited.status).toBe(201);
    const code = await codeFor('bob');
    expect(JSON.stringify([invited.body, (await api.get(`${at}/invitations`, by('ann'))).body])).not.toContain(code);
    for (const wrong of [code.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x'))])
      expect((await accept(wrong, 'bob')).body.code).toBe('invalid-code');
    // The same answer for another address.
    expect((await accept(code, 'eve')).body.code).toBe('invalid-code');
    expect((await api.get(at, by('bob'))).status).toBe(403);
    expect((await accept(code, 'bob')).status).toBe(200);
    expect((await api.get(at, by('bob'))).status).toBe(200);
    expect((await accept(code, 'bob')).body.code).toBe('invalid-code');
    expect(await invite('bob', 'owner', by('ann'))).toMatchObject({
      status: 409,
      body: { code: 'already-member', detail: 'bob@example.com is a member of the tenant acme already' },
    });
    expect((await api.get('/v1/me', by('bob'))).body).toMatchObject({
      ...{ type: 'person', email: 'bob@example.com', memberships: [{ tenant: 'acme', role: 'viewer' }] },
    });
    expect(api.said().join('\n').includes(code)).toBe(false);
    const role = { path: '/role', operation: 'add', after: 'viewer' };
    const email = { path: '/email', operation: 'add', after: 'bob@example.com' };
    expect(await changesOf(`tenants/acme/invitations/${invited.body.id}`)).toEqual([[role], [email, role]]);
  });

  test('the log and the revisions name members and tokens of the tenant, and nobody else', async () => {
    await tenantWithRoute(api, 'named');
    const at = '/v1/tenants/named';
    const token = await tokenFor(api, at, { description: 'deployments', scopes: ['write'] });
    for (const [name, role] of [
      ['ann', 'owner'],
      ['eve', 'route-editor'],
    ] as const) {
      await api.post(`${at}/invitations`, { email: `${name}@example.com`, role });
      expect((await accept(await codeFor(name), name)).status).toBe(200);
    }
    for (const [timeout, as] of Object.entries({ '1s': by('eve'), '2s': { token } }))
      expect((await api.put(`${at}/routes/web`, route('named.example.com', timeout), as)).status).toBe(200);

    const publishers = async (path: string, as: object = {}) =>
      (await api.get(`${path}&action=publish`, as)).body.items.map((entry: { actorName?: string }) => entry.actorName);
    const authors = async () => {
      const { items } = (await api.get(`${at}/revisions`, by('eve'))).body;
      const { body } = await api.get(`${at}/revisions/2`, by('eve'));
      return [...items, body].map(({ authorName }: { authorName?: string }) => authorName);
    };
    const [eve, bootstrap] = ['eve@example.com', 'bootstrap, from the settings'];
    expect(await publishers(`${at}/audit?`, by('ann'))).toEqual(['deployments', eve, undefined]);
    expect(await authors()).toEqual([undefined, eve, undefined, eve]);
    const everything = '/v1/audit?target=tenants/named';
    expect(await publishers(everything)).toEqual(['deployments', eve, bootstrap]);

    // The tenant does not see the addresses of those who have left.
    await api.remove(`${at}/members/${await idOf('eve')}`, by('ann'));
    expect(await publishers(`${at}/audit?`, by('ann'))).toEqual(['deployments', undefined, undefined]);
    expect(await publishers(everything)).toEqual(['deployments', eve, bootstrap]);
  });

  test('an invitation is replaced by the next one for the address, and can be revoked', async () => {
    await invite('eve', 'viewer', by('ann'));
    expect((await box.to('eve@example.com')).at(-1)!.values.inviter).toBe('ann@example.com');
    const first = await codeFor('eve');
    const second = await invite('eve', 'viewer', by('ann'));
    expect((await accept(first, 'eve')).body.code).toBe('invalid-code');
    const code = await codeFor('eve');
    // Ann and Bob are as many members as this plan allows.
    await api.put('/v1/plans/default', { quotas: { members: 2 } });
    expect((await accept(code, 'eve')).body.code).toBe('too-many');
    expect((await api.remove('/v1/plans/default')).status).toBe(204);
    expect((await api.remove(`/v1/tenants/rival/invitations/${second.body.id}`)).status).toBe(404);
    expect((await api.remove(`${at}/invitations/${second.body.id}`, by('ann'))).status).toBe(204);
    expect((await accept(code, 'eve')).body.code).toBe('invalid-code');
    expect((await api.remove(`${at}/invitations/${second.body.id}`, by('ann'))).status).toBe(404);
    // Eve becomes a member by other means while an invitation is open.
    await invite('eve', 'viewer', by('ann'));
    const eve = await idOf('eve');
    const audit = { actor: 'operator', action: 'create', target: 'test', at: 0, requestId: 'test', remote: '' };
    await api.store.members.add({ tenant: 'acme', person: eve, role: 'viewer', createdAt: 0 }, audit);
    expect((await accept(await codeFor('eve'), 'eve')).body.code).toBe('already-member');
    expect((await api.remove(`${at}/members/${eve}`, by('ann'))).status).toBe(204);
  });

  test('roles decide by kind what a member writes, also in bulk', async () => {
    const bob = await idOf('bob');
    const be = (role: string) => api.patch(`${at}/members/${bob}`, { role }, by('ann'));
    const writes = async () => [
      (await api.put(`${at}/routes/web`, route('acme.example.com', '9s'), by('bob'))).status,
      (await api.put(`${at}/gateways/edge`, gateway('acme.example.com'), by('bob'))).status,
      (await api.post(`${at}/revisions`, { deletes: [{ kind: 'gateway', name: 'edge' }] }, by('bob'))).status,
      (await api.get(`${at}/tokens`, by('bob'))).status,
    ];
    expect(await writes()).toEqual([403, 403, 403, 403]);
    expect((await be('route-editor')).status).toBe(200);
    expect(await writes()).toEqual([200, 403, 403, 403]);
    expect((await be('gateway-admin')).status).toBe(200);
    // 422: a route still refers to the gateway.
    expect(await writes()).toEqual([200, 200, 422, 403]);
    expect((await be('king')).status).toBe(422);
  });

  test('the last owner stays, and nobody else removes or promotes members', async () => {
    const [ann, bob] = [await idOf('ann'), await idOf('bob')];
    const rest = 'the only owner of the tenant acme; make another member an owner first';
    const isLast = (who: string) => ({ code: 'last-owner', detail: `${who} ${rest}` });
    expect((await api.remove('/v1/me/memberships/acme', by('ann'))).body).toMatchObject(isLast('you are'));
    expect((await api.patch(`${at}/members/${ann}`, { role: 'viewer' }, by('ann'))).body).toMatchObject(
      isLast('you are'),
    );
    expect((await api.remove(`${at}/members/${ann}`)).body).toMatchObject(isLast('ann@example.com is'));
    expect((await api.patch(`${at}/members/${bob}`, { role: 'owner' }, by('bob'))).status).toBe(403);
    expect((await api.remove(`${at}/members/${ann}`, by('bob'))).status).toBe(403);
    expect((await api.patch(`/v1/tenants/rival/members/${bob}`, { role: 'owner' }, by('ann'))).status).toBe(403);
    expect((await api.patch(`/v1/tenants/rival/members/${bob}`, { role: 'owner' })).status).toBe(404);
    expect((await api.get(`${at}/members`, by('bob'))).body.items).toMatchObject(
      [ann, bob].toSorted().map((id) => ({ person: id, email: `${id === ann ? 'ann' : 'bob'}@example.com` })),
    );
  });

  test('a token stops to permit what its creator may no longer do', async () => {
    const bob = await idOf('bob');
    await api.patch(`${at}/members/${bob}`, { role: 'owner' }, by('ann'));
    const mine = await api.post(`${at}/tokens`, { scopes: ['admin'] }, by('bob'));
    const token = mine.body.token as string;
    expect(mine.body.createdBy).toBe(`person:${bob}`);
    const child = await tokenFor({ ...api, post: (path, body) => api.post(path, body, { token }) }, at, {
      scopes: ['admin'],
    });
    const may = async (used: string) => [
      (await api.get(at, { token: used })).status,
      (await api.put(`${at}/routes/web`, route('acme.example.com', '4s'), { token: used })).status,
      (await api.get(`${at}/tokens`, { token: used })).status,
    ];
    await invite('eve', 'owner', by('bob'));
    const invitation = await codeFor('eve');
    for (const used of [token, child]) expect(await may(used)).toEqual([200, 200, 200]);
    await api.patch(`${at}/members/${bob}`, { role: 'route-editor' }, by('ann'));
    for (const used of [token, child]) expect(await may(used)).toEqual([200, 200, 403]);
    expect((await api.get('/v1/me', { token: child })).body.roles).toEqual(['route-editor']);
    expect((await changesOf(`tenants/acme/members/${bob}`))[0]).toEqual([
      { path: '/role', operation: 'replace', before: 'owner', after: 'route-editor' },
    ]);
    // What an owner who is none any more has started, ends too.
    expect((await accept(invitation, 'eve')).body.code).toBe('invalid-code');
    expect((await api.remove('/v1/me/memberships/acme', by('bob'))).status).toBe(204);
    for (const used of [token, child]) expect(await may(used)).toEqual([401, 401, 401]);
    expect((await api.get(at, by('bob'))).status).toBe(403);
    expect((await api.remove('/v1/me/memberships/acme', by('bob'))).status).toBe(403);
  });

  test('people of the platform: an operator does everything, until the role ends', async () => {
    const eve = await idOf('eve');
    expect((await api.get('/v1/tenants', by('eve'))).status).toBe(403);
    expect((await api.put(`/v1/staff/${eve}`, { role: 'operator' }, by('eve'))).status).toBe(403);
    expect((await api.put('/v1/staff/nobody', { role: 'operator' })).status).toBe(404);
    expect((await api.put(`/v1/staff/${eve}`, { role: 'operator' })).status).toBe(200);
    const { body } = await api.post('/v1/tokens', {}, by('eve'));
    for (const token of [people.eve!, body.token]) expect((await api.get('/v1/tenants', { token })).status).toBe(200);
    expect((await api.get('/v1/staff')).body.items).toMatchObject([{ person: eve, role: 'operator' }]);
    expect((await api.remove(`/v1/staff/${eve}`)).status).toBe(204);
    expect((await api.get('/v1/tenants', by('eve'))).status).toBe(403);
    expect((await api.get('/v1/tenants', { token: body.token })).status).toBe(401);
    expect(await changesOf(`people/${eve}/role`)).toEqual([
      [{ path: '/role', operation: 'remove', before: 'operator' }],
      [{ path: '/role', operation: 'add', after: 'operator' }],
    ]);
  });

  test('a member of a removed tenant has no access to the next one of the same name', async () => {
    await tenantWithRoute(api, 'short');
    const short = '/v1/tenants/short';
    await api.post(`${short}/invitations`, { email: 'bob@example.com', role: 'owner' });
    const code = await codeFor('bob');
    await api.post(`${short}/invitations`, { email: 'eve@example.com', role: 'owner' });
    expect((await accept(code, 'bob')).status).toBe(200);
    expect((await api.get(short, by('bob'))).status).toBe(200);
    expect((await api.remove(short)).status).toBe(204);
    await api.post('/v1/tenants', { name: 'short' });
    expect((await api.get(short, by('bob'))).status).toBe(403);
    expect((await accept(await codeFor('eve'), 'eve')).body.code).toBe('invalid-code');
  });
});
