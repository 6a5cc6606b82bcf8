/**
 * What others have and what nobody has get the same answer, byte by byte, and cost the same statements, so that neither
 * the answer nor its time tells them apart. A request that is refused costs nothing else.
 */
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { isOfFleets } from '../../../api/access/matrix.ts';
import { type App, operations } from '../../../api/app.ts';
import { copyOf } from '../../postgres/server.ts';
import { elsewhere } from '../engine.ts';
import { gateway, type Harness, SHARED_FLEET } from '../harness.ts';
import { mailbox, person } from '../people/mailbox.ts';
import { startProcesses } from '../processes.ts';

const [OWN, OTHERS, ABSENT] = ['acme', 'victim', 'nobody'];
const EPOCH = { createdAt: 0 };
const audit = { actor: 'test', action: 'create', target: 'test', at: 0, requestId: 'test', remote: '' };

const all = elsewhere ? [] : operations().map(({ contract }) => contract);
/** Statements about who calls. They do not depend on what the request names. */
const OF_CALLERS =
  /^(?:select [^;]* from "(?:token|person_session|member|person|fleet|fleet_generation|plan)"|update "token" set "last_used_at" = )/;
/** What the request under way asked of the database. */
let statements: string[] = [];
let running: Awaited<ReturnType<typeof startProcesses>>;
let app: App;
const callers: Record<string, string> = {};
/** The ids of objects of the victim, by the parameter and the operations' path. */
const ids: Record<string, string> = {};

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await running.processes[0]!.ask(method, path, body, headers);
  if (!answer) throw new Error(`${method} ${path} was not answered`);
  return answer;
}

beforeAll(async () => {
  if (elsewhere) return;
  const template = inject('postgres');
  running = await startProcesses(
    template === undefined ? 'sqlite::memory:' : await copyOf(template),
    1,
    async (_, sql) => statements.push(...sql),
  );
  app = running.processes[0]!.app;
  const post = async (path: string, body: object = {}) => {
    const { status, body: made } = await ask('POST', path, body);
    expect(status, path).toBe(201);
    return made;
  };
  await post('/v1/fleets', SHARED_FLEET);
  for (const name of [OWN, OTHERS]) await post('/v1/tenants', { name });
  await post(`/v1/tenants/${OTHERS}/fleets`, { name: `${OTHERS}-own`, labels: {}, ports: [] });
  await post(`/v1/tenants/${OWN}/fleets`, { name: `${OWN}-own`, labels: {}, ports: [] });
  const at = `/v1/tenants/${OTHERS}`;
  const configuration = {
    gateways: { web: gateway('victim.example') },
    upstreams: { web: { port: 80, endpoints: [{ address: '203.0.113.1' }] } },
    routes: { web: { hosts: ['victim.example'], gateways: ['web'], http: [{ directResponse: { status: 200 } }] } },
  };
  expect((await ask('PUT', `${at}/configuration`, configuration)).status).toBe(201);
  await ask('PUT', `/v1/tenants/${OWN}/upstreams/web`, configuration.upstreams.web);
  await ask('PUT', `${at}/upstreams/web/endpoints/of-victim`, { address: '203.0.113.2', ttl: '1h' });
  ids.token = (await post(`${at}/tokens`, { scopes: ['read'] })).id;
  ids.invitation = (await post(`${at}/invitations`, { email: 'a@example.com', role: 'viewer' })).id;
  ids.enrolment = (await post(`/v1/fleets/${OTHERS}-own/enrolments`)).id;
  await post(`${at}/domains`, { name: 'victim.example' });

  // People, whose mails and passwords work as in the other tests.
  const { services } = app;
  const by = (token?: string | null) => ({ authorization: token ? `Bearer ${token}` : '' });
  const as = {
    app,
    post: (path: string, body: unknown, { token }: { token?: string | null }) => ask('POST', path, body, by(token)),
  } as unknown as Harness;
  const box = mailbox(as);
  for (const name of ['rival', 'victim', 'support']) {
    callers[`the person ${name}`] = await person(as, box, `${name}@example.com`);
    ids[name] = (await services.store.people.findByEmail(`${name}@example.com`))!.person.id;
  }
  const { members } = services.store;
  await members.add({ tenant: OWN!, person: ids.rival!, role: 'owner', ...EPOCH }, audit);
  await members.add({ tenant: OTHERS!, person: ids.victim!, role: 'owner', ...EPOCH }, audit);
  await members.appoint(ids.support!, 'support', audit);
  for (const id of [ids.rival, ids.victim, ids.support]) services.grants.changed(id!);
  const victim = callers['the person victim']!;
  delete callers['the person victim'];
  ids.session = (await ask('GET', '/v1/auth/session', undefined, by(victim))).body.session.id;

  for (const scope of ['read', 'write', 'admin'])
    callers[`a token to ${scope}`] = (await post(`/v1/tenants/${OWN}/tokens`, { scopes: [scope] })).token;
  const made = await ask('POST', `/v1/tenants/${OWN}/tokens`, { scopes: ['admin'] }, by(callers['the person rival']));
  callers['a token of a person'] = made.body.token;
  callers['an agent'] = (await post(`/v1/fleets/${OWN}-own/tokens`)).token;
  // What the API keeps in memory would otherwise expire on a slow machine, and be read again.
  vi.spyOn(services, 'clock').mockReturnValue(Date.now());
});
afterAll(() => running?.close());

/** Sends a request, twice because the first one fills caches. @returns everything that the caller and a clock notice */
async function seen(method: string, path: string, token: string | undefined, body?: unknown) {
  const headers = {
    authorization: token === undefined ? '' : `Bearer ${token}`,
    'if-match': '"r1"',
    ...(method === 'PATCH' && { 'content-type': 'application/merge-patch+json' }),
  };
  for (let warm = 0; ; warm++) {
    statements = [];
    const answer = await ask(method, path, body, headers);
    if (warm === 0) continue;
    const shown = [...answer.headers].filter(([name]) => name !== 'x-request-id');
    const { requestId: _, ...rest } = answer.body ?? {};
    return { status: answer.status, headers: shown, body: JSON.stringify(rest), statements };
  }
}
type Seen = Awaited<ReturnType<typeof seen>>;
const replaced = (what: Seen, name: string, by: string): Seen => JSON.parse(JSON.stringify(what).replaceAll(name, by));
const filled = (path: string, values: Record<string, string>) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? (name === 'revision' ? '1' : 'web'));
const withBody = (method: string) => (['post', 'put', 'patch'].includes(method) ? {} : undefined);

test.skipIf(elsewhere)('the tenant and the fleet of another are as absent as ones that never were', async () => {
  const concerned = all.filter(({ path, access }) => /\{tenant\}|\{fleet\}/.test(path) && access !== 'public');
  expect(concerned.length).toBeGreaterThan(70);
  for (const { method, path } of concerned)
    for (const [caller, token] of Object.entries(callers)) {
      const of = (name: string) =>
        seen(method.toUpperCase(), filled(path, { tenant: name, fleet: `${name}-own` }), token, withBody(method));
      const [real, absent] = [await of(OTHERS!), await of(ABSENT!)];
      const what = `${caller}: ${method} ${path}`;
      expect(real.status, what).toBe(403);
      expect(real.statements, what).toEqual([]);
      expect(replaced(real, OTHERS!, ABSENT!), what).toEqual(absent);
    }
});

/** Objects of the victim, in the paths of the caller, beside ones that never were. */
const objects = (): [method: string, path: string, theirs: string, unknown: string, body?: object][] => [
  ['DELETE', `/v1/tenants/${OWN}/tokens/{}`, ids.token!, crypto.randomUUID()],
  ['DELETE', `/v1/tenants/${OWN}/invitations/{}`, ids.invitation!, crypto.randomUUID()],
  ['PATCH', `/v1/tenants/${OWN}/members/{}`, ids.victim!, crypto.randomUUID(), { role: 'viewer' }],
  ['DELETE', `/v1/tenants/${OWN}/members/{}`, ids.victim!, crypto.randomUUID()],
  ['GET', `/v1/tenants/${OWN}/domains/{}`, 'victim.example', 'absent.example'],
  ['DELETE', `/v1/tenants/${OWN}/domains/{}`, 'victim.example', 'absent.example'],
  ['POST', `/v1/tenants/${OWN}/domains/{}/check`, 'victim.example', 'absent.example'],
  ['GET', `/v1/tenants/${OWN}/routes/{}`, 'web', 'gone'],
  ['DELETE', `/v1/tenants/${OWN}/routes/{}`, 'web', 'gone'],
  ['PATCH', `/v1/tenants/${OWN}/routes/{}`, 'web', 'gone', { hosts: ['a.example'] }],
  ['GET', `/v1/tenants/${OWN}/certificates/{}/status`, 'web', 'gone'],
  ['GET', `/v1/tenants/${OWN}/upstreams/web/endpoints/{}`, 'of-victim', 'of-nobody'],
  ['DELETE', `/v1/tenants/${OWN}/upstreams/web/endpoints/{}`, 'of-victim', 'of-nobody'],
  ['DELETE', `/v1/fleets/${OWN}-own/enrolments/{}`, ids.enrolment!, crypto.randomUUID()],
  ['DELETE', `/v1/fleets/${OWN}-own/agents/{}`, 'of-victim', 'of-nobody'],
  ['DELETE', '/v1/auth/sessions/{}', ids.session!, crypto.randomUUID()],
];
test.skipIf(elsewhere)('an object of another tenant is as absent as one that never was', async () => {
  for (const [method, path, theirs, unknown, body] of objects()) {
    const token = callers[path.startsWith('/v1/auth') ? 'the person rival' : 'a token to admin'];
    const [real, absent] = [
      await seen(method, path.replace('{}', theirs), token, body),
      await seen(method, path.replace('{}', unknown), token, body),
    ];
    expect(real.status, path).toBe(404);
    expect(replaced(real, theirs, unknown), `${method} ${path}`).toEqual(absent);
  }
});

test.skipIf(elsewhere)('who signs in, forgot a password or was invited learns nothing about others', async () => {
  const known = ['rival@example.com', 'absent@example.com'] as const;
  const answers = async (path: string, body: (email: string) => object) => {
    const found: Seen[] = [];
    for (const email of known) found.push(replaced(await seen('POST', path, undefined, body(email)), email, 'EMAIL'));
    return found;
  };
  for (const [path, more] of [
    ['/v1/auth/sign-in', { password: 'a wrong password', credential: 'bearer' }],
    ['/v1/auth/sign-up', { password: 'a long password of nobody' }],
    ['/v1/auth/password/forgotten', {}],
  ] as const) {
    const [one, other] = await answers(path, (email) => ({ email, ...more }));
    expect({ ...one, statements: [] }, path).toEqual({ ...other, statements: [] });
    expect(one!.statements.length, path).toBe(other!.statements.length);
  }
});

test.skipIf(elsewhere)(
  'a request that is refused is not read, not counted for the tenant, and changes nothing',
  async () => {
    const { services } = app;
    const spies = {
      charge: vi.spyOn(services.rate, 'charge'),
      wait: vi.spyOn(services.waiting, 'enter'),
      plan: vi.spyOn(services.plans, 'rateOf'),
      key: vi.spyOn(services.store.idempotency, 'reserve'),
    };
    for (const { method, path, access } of all.filter((each) => each.access !== 'public'))
      for (const [caller, token] of [
        ['nobody', undefined],
        ['a stranger', 'gh_tenant_x'],
        ...Object.entries(callers),
      ]) {
        // The operations that every caller may use.
        if (caller !== 'nobody' && caller !== 'a stranger' && !/\{tenant\}|\{fleet\}/.test(path)) continue;
        let isRead = false;
        const body = new ReadableStream(
          {
            pull(controller) {
              isRead = true;
              controller.enqueue(new TextEncoder().encode('{'));
              controller.close();
            },
          },
          { highWaterMark: 0 },
        );
        const url = `http://api${filled(path, { tenant: OTHERS!, fleet: `${OTHERS}-own` })}?unknown=%FF`;
        const headers = {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...{ 'content-type': 'text/plain', 'idempotency-key': 'key', prefer: 'wait=1', 'if-match': 'x' },
        };
        const hasBody = ['post', 'put', 'patch'].includes(method);
        for (const spy of Object.values(spies)) spy.mockClear();
        statements = [];
        const response = await app.fetch(
          new Request(url, {
            method: method.toUpperCase(),
            headers,
            ...(hasBody && { body, duplex: 'half' }),
          } as RequestInit),
        );
        const what = `${caller}: ${method} ${path} (${access}${isOfFleets(access) ? ', of agents' : ''})`;
        expect(response.status, what).toBe(token === undefined || caller === 'a stranger' ? 401 : 403);
        expect(isRead, what).toBe(false);
        expect(
          statements.filter((sql) => !OF_CALLERS.test(sql)),
          what,
        ).toEqual([]);
        const charged = spies.charge.mock.calls.filter(([key]) => key.startsWith('tenant/'));
        expect(charged, what).toEqual([]);
        expect(spies.wait, what).not.toHaveBeenCalled();
        expect(spies.plan, what).not.toHaveBeenCalled();
        expect(spies.key, what).not.toHaveBeenCalled();
      }
  },
);
