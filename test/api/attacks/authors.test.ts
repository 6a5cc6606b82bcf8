/** Somebody who may do nothing any more uses what was started before: invitations, tokens, and one-time tokens of agents. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enrolRequest, tokenToEnrol } from '../fleets/enrolled.ts';
import { type Harness, harness, OPERATOR } from '../harness.ts';
import { type Mailbox, mailbox, PASSWORD, person } from '../people/mailbox.ts';

type Name = 'mallory' | 'victim' | 'accomplice';

let api: Harness;
let box: Mailbox;
const people = {} as Record<Name, { token: string; id: string; email: string }>;

beforeAll(async () => {
  api = await harness({ GATEHOUSE_MAIL_LIMIT: '100', GATEHOUSE_TENANTS_PER_PERSON: '100' });
  box = mailbox(api);
  const signUp = async (name: Name) => {
    const email = `${name}@example.com`;
    const token = await person(api, box, email);
    people[name] = { token, email, id: (await api.get('/v1/me', { token })).body.id };
  };
  await Promise.all((['mallory', 'victim', 'accomplice'] as const).map(signUp));
});
afterAll(() => api.close());

async function invited(tenant: string, name: Name, token: string, role = 'owner'): Promise<string> {
  const { email } = people[name];
  expect((await api.post(`/v1/tenants/${tenant}/invitations`, { email, role }, { token })).status).toBe(201);
  return box.codeFor(email);
}
const accepted = async (code: string, name: Name) =>
  (await api.post('/v1/invitations/accept', { code }, people[name])).body.code ?? 'accepted';
const join = async (tenant: string, name: Name, by: Name) =>
  expect(await accepted(await invited(tenant, name, people[by].token), name)).toBe('accepted');
const created = async (path: string, token: string, body: object = {}) =>
  (await api.post(path, body, { token })).body as { id: string; token: string; expiresAt?: string };
const works = async (token: string) => (await api.get('/v1/me', { token })).status === 200;

/** Makes a tenant that Mallory and the victim own. */
async function shared(tenant: string): Promise<string> {
  expect((await api.post('/v1/tenants', { name: tenant }, people.mallory)).status).toBe(201);
  await join(tenant, 'victim', 'mallory');
  return `/v1/tenants/${tenant}`;
}

type Step = (tenant: string) => Promise<unknown>;
const memberOf = (tenant: string) => `/v1/tenants/${tenant}/members/${people.mallory.id}`;
const rejoin: Step = (tenant) => join(tenant, 'mallory', 'victim');
const ends: [how: string, end: Step, back: Step][] = [
  ['removed', (tenant) => api.remove(memberOf(tenant), people.victim), rejoin],
  ['gone', (tenant) => api.remove(`/v1/me/memberships/${tenant}`, people.mallory), rejoin],
  [
    'demoted',
    (tenant) => api.patch(memberOf(tenant), { role: 'gateway-admin' }, people.victim),
    (tenant) => api.patch(memberOf(tenant), { role: 'owner' }, people.victim),
  ],
];

test.for(ends)('who is %s invites nobody, neither as a person nor by a token', async ([how, end, back]) => {
  const at = await shared(how);
  const mine = await created(`${at}/tokens`, people.mallory.token, { scopes: ['admin'] });
  expect(await works(mine.token)).toBe(true);
  const byPerson = await invited(how, 'accomplice', people.mallory.token);
  await end(how);
  expect(await accepted(byPerson, 'accomplice')).toBe('invalid-code');
  await back(how);
  // The invitation does not come back with its author.
  expect(await accepted(byPerson, 'accomplice')).toBe('invalid-code');
  // A token does not come back either, unless its creator stayed.
  expect(await works(mine.token)).toBe(how === 'demoted');
  const again = await created(`${at}/tokens`, people.mallory.token, { scopes: ['admin'] });
  const byToken = await invited(how, 'accomplice', again.token);
  await end(how);
  expect(await accepted(byToken, 'accomplice')).toBe('invalid-code');
  const { items } = (await api.get(`${at}/invitations`, people.victim)).body;
  expect(
    items.filter((each: { acceptedAt?: string; revokedAt?: string }) => !each.acceptedAt && !each.revokedAt),
  ).toEqual([]);
  const listed = (await api.get(`${at}/tokens`, people.victim)).body.items;
  if (how !== 'demoted') expect(listed.every((each: { revokedAt?: string }) => each.revokedAt)).toBe(true);
});

test('a token that is revoked invites nobody, also one of the platform', async () => {
  const at = await shared('tokens');
  const own = await created(`${at}/tokens`, people.mallory.token, { scopes: ['admin'] });
  const child = await created(`${at}/tokens`, own.token, { scopes: ['admin'] });
  const code = await invited('tokens', 'accomplice', child.token);
  expect((await api.remove(`${at}/tokens/${own.id}`, people.victim)).status).toBe(204);
  expect(await accepted(code, 'accomplice')).toBe('invalid-code');
  const platform = await created('/v1/tokens', OPERATOR);
  const other = await invited('tokens', 'accomplice', platform.token);
  expect((await api.remove(`/v1/tokens/${platform.id}`)).status).toBe(204);
  expect(await accepted(other, 'accomplice')).toBe('invalid-code');
  // An operator who still is one may invite.
  expect(await accepted(await invited('tokens', 'accomplice', OPERATOR), 'accomplice')).toBe('accepted');
});

test('tokens of the platform end with the one that created them, and those of tenants stay', async () => {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const parent = await created('/v1/tokens', OPERATOR, { expiresAt });
  const late = await api.post('/v1/tokens', { expiresAt: '2099-01-01T00:00:00Z' }, { token: parent.token });
  expect(late.body.violations).toMatchObject([{ pointer: '/expiresAt', code: 'too-late' }]);
  const child = await created('/v1/tokens', parent.token);
  expect(child.expiresAt).toBe(expiresAt);
  const support = await created('/v1/tokens', child.token, { scopes: ['support'] });
  await api.post('/v1/tenants', { name: 'served' });
  const ofTenant = await created('/v1/tenants/served/tokens', parent.token, { scopes: ['admin'] });
  expect(ofTenant.expiresAt).toBeUndefined();
  for (const { token } of [parent, child, support, ofTenant]) expect(await works(token)).toBe(true);
  expect((await api.remove(`/v1/tokens/${parent.id}`)).status).toBe(204);
  for (const { token } of [parent, child, support]) expect(await works(token)).toBe(false);
  expect([await works(ofTenant.token), await works(OPERATOR)]).toEqual([true, true]);
});

test('an operator who comes back has no token of before', async () => {
  const role = `/v1/staff/${people.mallory.id}`;
  expect((await api.put(role, { role: 'operator' })).status).toBe(200);
  const { token } = await created('/v1/tokens', people.mallory.token);
  expect(await works(token)).toBe(true);
  expect((await api.remove(role)).status).toBe(204);
  expect((await api.put(role, { role: 'operator' })).status).toBe(200);
  expect(await works(token)).toBe(false);
  expect((await api.remove(role)).status).toBe(204);
});

test('of 16 tokens that a member creates while the member is removed, none comes back with the member', async () => {
  const at = await shared('raced');
  const create = () => api.post(`${at}/tokens`, { scopes: ['read'] }, people.mallory);
  const eight = () => Array.from({ length: 8 }, create);
  const made = await Promise.all([...eight(), api.remove(memberOf('raced'), people.victim), ...eight()]);
  expect(made.map(({ status }) => status).filter((status) => ![201, 204, 401, 403].includes(status))).toEqual([]);
  const { items } = (await api.get(`${at}/tokens`, people.victim)).body;
  expect(items.filter(({ revokedAt }: { revokedAt?: string }) => revokedAt === undefined)).toEqual([]);
});

test('a one-time token of an agent ends with the role of its creator, and agents show who enrolled them', async () => {
  const at = await shared('enrolments');
  const fleet = { name: 'enrolments-edge', labels: {}, ports: [{ number: 80, bind: 8080, protocol: 'HTTP' }] };
  expect((await api.post(`${at}/fleets`, { ...fleet, denyDestinations: [] }, people.victim)).status).toBe(201);
  const { token } = await created(`${at}/tokens`, people.mallory.token, { scopes: ['write'] });
  const by = (as: { token: string }) => tokenToEnrol(api, fleet.name, {}, as);
  const enrols = async (oneTime: { token: string }) =>
    (await api.post('/v1/agents', enrolRequest(oneTime.token), { token: null })).status;
  const [first, second] = [await by(people.mallory), await by(people.mallory)];
  const [byToken, byVictim, byOperator] = [await by({ token }), await by(people.victim), await by({ token: OPERATOR })];
  expect(await enrols(first)).toBe(200);
  const change = (role: string) => api.patch(memberOf('enrolments'), { role }, people.victim);
  expect((await change('route-editor')).status).toBe(200);
  expect([await enrols(second), await enrols(byToken)]).toEqual([401, 401]);
  expect((await change('gateway-admin')).status).toBe(200);
  expect(await enrols(second)).toBe(200);
  expect((await api.remove(memberOf('enrolments'), people.victim)).status).toBe(204);
  expect([await enrols(byToken), await enrols(byVictim), await enrols(byOperator)]).toEqual([401, 200, 200]);
  const { items } = (await api.get(`/v1/fleets/${fleet.name}/agents`, people.victim)).body;
  const enrolledBy = items.map((agent: { enrolledBy: string }) => agent.enrolledBy.split(':')[1]);
  const { mallory, victim } = people;
  expect(enrolledBy.filter((id: string) => id === mallory.id)).toHaveLength(2);
  expect(enrolledBy.filter((id: string) => id === victim.id)).toHaveLength(1);
});

test('who deletes the account invites nobody', async () => {
  await shared('deleted');
  const code = await invited('deleted', 'accomplice', people.mallory.token);
  for (const { tenant } of (await api.get('/v1/me', people.mallory)).body.memberships)
    if (tenant !== 'deleted') await api.remove(`/v1/me/memberships/${tenant}`, people.mallory);
  expect((await api.post('/v1/auth/deletion', { password: PASSWORD }, people.mallory)).status).toBe(204);
  expect(await accepted(code, 'accomplice')).toBe('invalid-code');
});
