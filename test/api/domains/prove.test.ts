import { afterAll, afterEach, beforeAll, expect, inject, it, vi } from 'vitest';
import { DomainChecks } from '../../../api/domain-checks/checks.ts';
import { Turns } from '../../../api/store/turns.ts';
import { newFile } from '../../keeping/database.ts';
import { elsewhere } from '../engine.ts';
import { gateway, type Harness, harness, route, SHARED_FLEET, upstream } from '../harness.ts';
import { cname, type Internet, startInternet, txt } from './name-servers.ts';

const NAME = '_gatehouse.shop.test';
const inFile =
  inject('worker') === undefined && inject('postgres') === undefined ? { GATEHOUSE_STORE: newFile() } : undefined;
let net: Internet;
let api: Harness;

beforeAll(async () => {
  net = await startInternet();
  api = await harness({
    ...inFile,
    ...{ GATEHOUSE_DNS_ROOTS: net.roots, GATEHOUSE_DOMAIN_CHECK: '200', GATEHOUSE_DOMAIN_GRACE_DAYS: '0' },
    // On Workers, also how often the test runs the jobs.
    GATEHOUSE_RETENTION: '200',
  });
  await api.post('/v1/fleets', SHARED_FLEET);
  const { driver } = await api.database();
  for (const name of ['acme', 'rival']) {
    await api.post('/v1/tenants', { name });
    const email = `${name}@example.com`;
    const person = `insert into person (id, email, email_verified, name, created_at, updated_at) values ('${name}', '${email}', 1, '', 0, 0)`;
    for (const sql of [person, `insert into member values ('${name}', '${name}', 'owner', 0)`])
      await driver.batch([{ sql, params: [] }]);
  }
});
afterAll(async () => {
  await api.close();
  await net.stop();
});
afterEach(async () => {
  const { driver } = await api.database();
  await driver.batch([{ sql: 'delete from mail', params: [] }]);
  for (const tenant of ['acme', 'rival']) await api.remove(`/v1/tenants/${tenant}/domains/shop.test`);
});

/** Claims shop.test, and returns the values of its records. */
async function claimed(tenant: string): Promise<{ txt: string; cname: string }> {
  const { body } = await api.post(`/v1/tenants/${tenant}/domains`, { name: 'shop.test' });
  return { txt: body.records[0].value, cname: body.records[1].value };
}
/** The templates of the messages to the owner of a tenant. */
const messages = async (tenant: string) =>
  (await api.store.mail.list({ limit: 100 }))
    .filter(({ recipient }) => recipient === `${tenant}@example.com`)
    .map(({ template }) => template)
    .sort();
const check = async (tenant: string) => (await api.post(`/v1/tenants/${tenant}/domains/shop.test/check`, {})).body;
const read = async (tenant: string) => (await api.get(`/v1/tenants/${tenant}/domains/shop.test`)).body;

it('a TXT record proves a domain, on all name servers alone', async () => {
  net.set();
  const proof = await claimed('acme');
  expect(await check('acme')).toMatchObject({ state: 'pending', reason: `${NAME} has no TXT or CNAME record` });
  // A second check within a few seconds would ask the name servers of others again.
  const again = await api.post('/v1/tenants/acme/domains/shop.test/check', {});
  expect([again.status, again.headers.get('retry-after')]).toEqual([429, '5']);
  await api.remove('/v1/tenants/acme/domains/shop.test');
  const { txt: value } = await claimed('acme');
  expect(value).not.toBe(proof.txt);
  net.set(txt(NAME, value));
  expect(await check('acme')).toMatchObject({ state: 'proven', provenAt: expect.any(String) });
});

it('429: a check of another domain of the tenant while one runs', async ({ skip }) => {
  if (elsewhere) skip(elsewhere);
  await claimed('acme');
  await api.post('/v1/tenants/acme/domains', { name: 'more.test' });
  const { dns } = api.app!.services;
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const real = dns.authoritative.bind(dns);
  const asked = vi.spyOn(dns, 'authoritative').mockImplementation(async (question) => held.then(() => real(question)));
  const first = api.post('/v1/tenants/acme/domains/shop.test/check', {});
  await vi.waitFor(() => expect(asked).toHaveBeenCalled(), 10_000);
  const at = '/v1/tenants/acme/domains/more.test/check';
  const { status, headers, body } = await api.post(at, {});
  expect([status, headers.get('retry-after'), body.detail]).toEqual([
    429,
    '5',
    'another domain of the tenant is being checked',
  ]);
  release();
  expect((await first).status).toBe(200);
  // The refused check does not count as one.
  expect((await api.post(at, {})).status).toBe(200);
  asked.mockRestore();
  await api.remove('/v1/tenants/acme/domains/more.test');
});

it('few checks run at once in a process, whatever the number of tenants', async () => {
  const checks = new DomainChecks(new Turns());
  let [running, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
  };
  await Promise.all(Array.from({ length: 100 }, (_, tenant) => checks.run(`t${tenant}`, work)));
  expect(most).toBe(16);
  await expect(checks.run('t1', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  await checks.run('t1', work);
});

it.each([
  [
    'the record of an earlier claim',
    (proof: { txt: string }) => [txt(NAME, proof.txt.replace(/.$/, 'x'))],
    /has another record: TXT "gatehouse/,
  ],
  ['an empty record', () => [txt(NAME, '')], /has another record: TXT ""/],
  // The target may belong to others, now or later.
  [
    'a CNAME to a name with the record',
    (proof: { txt: string }) => [cname(NAME, 'a.shop.test'), txt('a.shop.test', proof.txt)],
    /has another record: CNAME "a.shop.test"/,
  ],
])('%s proves nothing', async (_, records, reason) => {
  const proof = await claimed('acme');
  net.set(...records(proof));
  const { state, reason: said } = await check('acme');
  expect(state).toBe('pending');
  expect(said).toMatch(reason);
});

it('a CNAME record proves a domain', async () => {
  const proof = await claimed('acme');
  net.set(cname(NAME, proof.cname.toUpperCase()));
  expect(await check('acme')).toMatchObject({ state: 'proven' });
});

it.each(['a lying', 'an unreachable'])('%s name server of three', async (fault) => {
  const proof = await claimed('acme');
  net.set(txt(NAME, proof.txt));
  if (fault === 'a lying') net.own[0]!.zones = [{ name: 'shop.test', records: [] }];
  else net.own[0]!.fault = 'SERVFAIL';
  const { state, reason } = await check('acme');
  if (fault === 'a lying')
    expect(reason).toContain('the name servers of shop.test disagree: ns1.shop.test do not have');
  expect(state).toBe(fault === 'a lying' ? 'pending' : 'proven');
});

it('the tenant whose record the domain has wins over the one that held it', async () => {
  const [old, mine] = [await claimed('rival'), await claimed('acme')];
  net.set(txt(NAME, old.txt));
  expect(await check('rival')).toMatchObject({ state: 'proven' });
  // With both records, the holder keeps it.
  net.set(txt(NAME, old.txt), txt(NAME, mine.txt));
  expect(await check('acme')).toMatchObject({
    state: 'pending',
    reason: expect.stringContaining('also have the record of the tenant that holds the domain: delete it'),
  });
  await api.remove('/v1/tenants/acme/domains/shop.test');
  net.set(txt(NAME, (await claimed('acme')).txt));
  expect(await check('acme')).toMatchObject({ state: 'proven' });
  expect(await read('rival')).toMatchObject({ state: 'pending' });
  // Both logs have it, and neither names the other tenant.
  const logged = async (tenant: string, action: string) =>
    (await api.get(`/v1/tenants/${tenant}/audit?target=tenants/${tenant}/domains/shop.test&action=${action}`)).body
      .items;
  const [[won], [lost]] = [await logged('acme', 'prove'), await logged('rival', 'lose')];
  expect(lost).toMatchObject({ actor: 'job:check-domains', chain: expect.stringContaining('tenant/rival') });
  expect(JSON.stringify(won)).not.toContain('rival');
  expect(JSON.stringify(lost)).not.toContain('acme');
  // The job may have missed the record first, and sent a message about it.
  expect(await messages('rival')).toContain('domain-released');
  expect(await messages('acme')).toEqual([]);
});

it('a domain is released when its proof stays away, and held again when it returns', async () => {
  const proof = await claimed('acme');
  net.set(txt(NAME, proof.txt));
  expect(await check('acme')).toMatchObject({ state: 'proven' });
  const token = (await api.store.domains.find('acme', 'shop.test'))!.token;
  net.set();
  await vi.waitFor(async () => expect((await read('acme')).state).toBe('pending'), { timeout: 30_000 });
  expect(await read('acme')).toMatchObject({ reason: `${NAME} has no TXT or CNAME record` });
  expect(await messages('acme')).toEqual(['domain-released', 'domain-unproven']);
  const { items } = (await api.get('/v1/tenants/acme/audit?target=tenants/acme/domains/shop.test&limit=2')).body;
  expect(items.map(({ action }: { action: string }) => action)).toEqual(['release', 'miss']);
  expect((await api.store.domains.find('acme', 'shop.test'))!.token).toBe(token);
});

it('the hosts of the domain are withdrawn from tenants that have not proven them', async () => {
  const tls = { mode: 'PASSTHROUGH' };
  const servers = [
    ...gateway('shop.test', 'other.test', '*.eu.shop.test').servers,
    { port: { number: 443, name: 'https', protocol: 'HTTPS' }, hosts: ['us.shop.test'], tls },
  ];
  const written = await api.put('/v1/tenants/rival/configuration', {
    gateways: { edge: { selector: { ingress: 'public' }, servers } },
    upstreams: { web: upstream() },
    routes: { web: { ...route('shop.test'), hosts: ['shop.test', 'other.test'] } },
  });
  expect(written.status).toBe(201);
  const proof = await claimed('acme');
  expect((await api.put('/v1/tenants/acme/gateways/edge', gateway('www.eu.shop.test'))).body.code).toBe('host-taken');
  net.set(txt(NAME, proof.txt));
  expect(await check('acme')).toMatchObject({ state: 'proven' });
  const { body } = await api.get('/v1/tenants/rival/gateways/edge');
  // A server without hosts keeps its other settings.
  expect(body.spec.servers.map(({ hosts }: { hosts: string[] }) => hosts)).toEqual([['other.test'], ['withdrawn']]);
  const { items } = (await api.get('/v1/tenants/rival/revisions')).body;
  expect(items[0]).toMatchObject({ author: 'job:check-domains', message: 'another tenant has proven shop.test' });
  const hosts = gateway('shop.test', '*.shop.test');
  expect((await api.put('/v1/tenants/acme/gateways/edge', hosts)).status).toBe(201);
  // The tenant can still change everything else, and does not get the hosts back.
  expect(
    (await api.put('/v1/tenants/rival/routes/web', { ...route('other.test'), hosts: ['other.test'] })).status,
  ).toBe(200);
  const back = await api.put('/v1/tenants/rival/gateways/edge', { selector: { ingress: 'public' }, servers });
  expect([back.status, back.body.code]).toEqual([409, 'domain-not-proven']);
});

it('a wildcard above the domain is withdrawn, unless its tenant has proven it, until that one gives it up', async () => {
  const wildcard = gateway('*.shop.test', 'other.test');
  const hosts = async () => (await api.get('/v1/tenants/rival/gateways/edge')).body.spec.servers[0].hosts;
  const below = '/v1/tenants/acme/domains/eu.shop.test';
  const prove = async (tenant: string, name: string) => {
    const { body } = await api.post(`/v1/tenants/${tenant}/domains`, { name });
    net.set(txt(`_gatehouse.${name}`, body.records[0].value));
    expect((await api.post(`/v1/tenants/${tenant}/domains/${name}/check`, {})).body.state).toBe('proven');
  };
  await api.put('/v1/tenants/rival/gateways/edge', wildcard);
  await prove('acme', 'eu.shop.test');
  expect(await hosts()).toEqual(['other.test']);
  await api.remove(below);
  await prove('rival', 'shop.test');
  expect((await api.put('/v1/tenants/rival/gateways/edge', wildcard)).status).toBe(200);
  await prove('acme', 'eu.shop.test');
  expect(await hosts()).toEqual(['*.shop.test', 'other.test']);
  await api.remove('/v1/tenants/rival/domains/shop.test');
  await vi.waitFor(async () => expect(await hosts()).toEqual(['other.test']), { timeout: 30_000 });
  expect((await api.put('/v1/tenants/acme/gateways/edge', gateway('eu.shop.test'))).status).toBeLessThan(300);
  await api.remove(below);
});

it('a job withdraws what a process left that ended after the proof', async () => {
  await api.put('/v1/tenants/rival/configuration', { gateways: { edge: gateway('left.shop.test', 'other.test') } });
  await claimed('acme');
  const { token } = (await api.store.domains.find('acme', 'shop.test'))!;
  const proved = { tenant: 'acme', name: 'shop.test', token, at: Date.now(), nextCheckAt: Date.now() + 1e9 };
  expect(await api.store.domains.prove(proved, undefined)).toBe('proven');
  await vi.waitFor(
    async () =>
      expect((await api.get('/v1/tenants/rival/gateways/edge')).body.spec.servers[0].hosts).toEqual(['other.test']),
    { timeout: 30_000 },
  );
  await vi.waitFor(async () => expect(await api.store.domains.uncleared(9)).toEqual([]), 10_000);
});

it('a proof makes the automatic names due that waited for it', async () => {
  const { driver } = await api.database();
  const far = 9_000_000_000_000;
  const row = (name: string, queue: string, reason = 'the tenant has not proven it') =>
    `insert into automatic_name (tenant, name, certificate, challenge, wanted, step, reason, failures, due_at, queue, version)
     values ('acme', '${name}', 'auto', 'any', 1, 'idle', '${reason}', 3, ${far}, '${queue}', 1)`;
  const rows = [
    row('shop.test', ''),
    row('*.a.shop.test', ''),
    row('queued.shop.test', 'acme shop.test'),
    row('noshop.test', ''),
    row('failed.shop.test', '', 'the authority could not check it'),
  ];
  await driver.batch(rows.map((sql) => ({ sql, params: [] })));
  const proof = await claimed('acme');
  net.set(txt(NAME, proof.txt));
  expect((await check('acme')).state).toBe('proven');
  const due = await driver.all(
    `select name from automatic_name where tenant = 'acme' and due_at < ${far} order by name`,
    [],
  );
  expect(due.flat()).toEqual(['*.a.shop.test', 'shop.test']);
  await driver.batch([{ sql: `delete from automatic_name where tenant = 'acme'`, params: [] }]);
});
