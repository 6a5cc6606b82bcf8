import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { gateway, type Harness, harness, SHARED_FLEET, upstream } from '../harness.ts';

let api: Harness;
const put = (tenant: string, name: string, body: object, query = '') =>
  api.put(`/v1/tenants/${tenant}/gateways/${name}${query}`, body);

/** Claims a domain, and has its proof found. */
async function hold(tenant: string, name: string, from?: string): Promise<void> {
  await api.post(`/v1/tenants/${tenant}/domains`, { name });
  const { token } = (await api.store.domains.find(tenant, name))!;
  const audit = {
    actor: 'job:test',
    action: 'lose',
    target: `tenants/${from}/domains/${name}`,
    at: 1,
    requestId: '',
    remote: '',
  };
  const loser = from === undefined ? undefined : { tenant: from, reason: 'lost', audit };
  const proved = { tenant, name, token, at: Date.now(), nextCheckAt: Date.now() + 1e9, from: loser };
  expect(await api.store.domains.prove(proved, undefined)).toBe('proven');
}

describe.each(['required', 'optional'])('with proofs %s', (mode) => {
  const isRequired = mode === 'required';
  beforeAll(async () => {
    api = await harness({ GATEHOUSE_DOMAIN_PROOF: mode, GATEHOUSE_PLATFORM_DOMAIN: 'apps.gatehouse.example' });
    await api.post('/v1/fleets', SHARED_FLEET);
    await api.post('/v1/fleets', { ...SHARED_FLEET, name: 'own', labels: { ingress: 'own' }, tenant: 'acme' });
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    for (const name of ['acme', 'rival', 'platform']) {
      await api.remove(`/v1/tenants/${name}`);
      await api.post('/v1/tenants', { name });
    }
    if (!(await api.get('/v1/fleets/own')).body.tenant)
      await api.post('/v1/fleets', { ...SHARED_FLEET, name: 'own', labels: { ingress: 'own' }, tenant: 'acme' });
  });

  it('a host on a shared fleet needs a proven domain', async () => {
    const { status, body } = await put('acme', 'edge', gateway('shop.example.com'));
    expect(status).toBe(isRequired ? 409 : 201);
    if (isRequired) {
      expect(body).toMatchObject({ code: 'domain-not-proven', detail: 'needs a proven domain: shop.example.com' });
      expect(body.violations).toMatchObject([
        {
          pointer: '/servers/0/hosts/0',
          code: 'domain-not-proven',
          message: 'the domain of shop.example.com is not proven',
          hint: expect.stringContaining('claim example.com with POST /v1/tenants/acme/domains'),
        },
      ]);
      const dry = await put('acme', 'edge', gateway('shop.example.com'), '?dryRun=true');
      expect([dry.status, dry.body.code]).toEqual([409, 'domain-not-proven']);
    }
    await hold('acme', 'example.com');
    expect(
      (await put('acme', 'edge', gateway('shop.example.com', '*.example.com', 'example.com'))).status,
    ).toBeLessThan(300);
  });

  it('a host of a domain that another tenant has proven is rejected', async () => {
    await hold('rival', 'example.com');
    const { status, body } = await put('acme', 'edge', gateway('shop.example.com'));
    expect([status, body.violations[0].message]).toEqual([
      409,
      'another tenant has proven the domain of shop.example.com',
    ]);
    expect(JSON.stringify(body)).not.toContain('rival');
  });

  it('hosts on the domain of the platform belong to the tenant of the name', async () => {
    const host = (tenant: string) => `${tenant}.apps.gatehouse.example`;
    expect((await put('acme', 'edge', gateway(host('acme'), `x.${host('acme')}`))).status).toBe(201);
    for (const other of [host('rival'), `x.${host('rival')}`, '*.apps.gatehouse.example', '*.gatehouse.example']) {
      const { status, body } = await put('acme', 'edge', gateway(other));
      expect([status, body.violations[0].code], other).toEqual([409, 'reserved-host']);
      expect([body.code, body.title]).toEqual(['reserved-host', 'A host belongs to the platform']);
      expect(JSON.stringify(body)).not.toContain('proven');
      expect(body.violations[0].hint).toBe(`this tenant has ${host('acme')} and the names below it`);
    }
    await put('acme', 'edge', gateway('none.apps.gatehouse.example')).then(({ status }) => expect(status).toBe(409));
    await api.remove('/v1/tenants/acme/gateways/edge');
    // The tenant of the platform's gateway has the domain; others attach their own host to it alone.
    const [server] = gateway('*.apps.gatehouse.example').servers;
    const shared = { selector: { ingress: 'public' }, servers: [{ ...server, allowedRoutes: { tenants: 'all' } }] };
    expect((await put('platform', 'public', shared)).status).toBe(201);
    await api.put('/v1/tenants/acme/upstreams/web', upstream());
    const attach = (tenant: string, name: string) =>
      api.put(`/v1/tenants/acme/routes/${name}`, {
        hosts: [host(tenant)],
        gateways: ['platform/public'],
        http: [{ route: [{ destination: { upstream: 'web' } }] }],
      });
    expect((await attach('acme', 'web')).status).toBe(201);
    const own = await put('acme', 'edge', gateway(host('acme')));
    expect([own.status, own.body.violations[0]]).toMatchObject([
      409,
      { code: 'host-taken', message: expect.stringContaining('platform/public, the shared gateway of the platform') },
    ]);
    const { status, body } = await attach('rival', 'squat');
    expect([status, body.violations[0]]).toMatchObject([409, { code: 'reserved-host', pointer: '/hosts/0' }]);
  });

  it.runIf(isRequired)('hosts that a tenant has stay, also when its domain is lost', async () => {
    await hold('acme', 'example.com');
    await put('acme', 'edge', gateway('*.example.com'));
    await hold('rival', 'example.com', 'acme');
    // Other fields of the gateway may change. Hosts are not added, also when they are below the wildcard.
    const [server] = gateway('*.example.com').servers;
    const changed = { ...gateway(), servers: [{ ...server, escapedSlashes: 'keep' }] };
    expect((await put('acme', 'edge', changed)).status).toBe(200);
    expect((await put('acme', 'second', gateway('a.example.com'))).body.code).toBe('domain-not-proven');
    await api.remove('/v1/tenants/acme/gateways/edge');
    expect((await put('acme', 'edge', gateway('*.example.com'))).status).toBe(409);
    // An earlier revision does not bring it back.
    const restored = await api.post('/v1/tenants/acme/revisions', { restore: 1 });
    expect([restored.status, restored.body.code]).toEqual([409, 'domain-not-proven']);
  });

  it.runIf(isRequired)('a host on a dedicated fleet needs no proof, until a shared fleet serves it', async () => {
    const own = { ...gateway('other.example'), selector: { ingress: 'own' } };
    expect((await put('acme', 'edge', own)).status).toBe(201);
    expect((await put('acme', 'edge', gateway('other.example'))).status).toBe(409);
    // Without its fleet, the gateway is served by none, and still no shared fleet may serve it.
    expect((await api.remove('/v1/fleets/own?force=true')).status).toBe(200);
    expect((await put('acme', 'edge', gateway('other.example'))).status).toBe(409);
  });

  it('a change of fleets claims no host of a domain that another tenant has proven', async () => {
    await hold('rival', 'example.com');
    const hosts = ['shop.example.com', '*.eu.example.com'];
    const labels = { ingress: 'mine' };
    const own = { ...gateway(...hosts, 'free.test'), selector: labels };
    const change: Record<string, () => Promise<{ status: number }>> = {
      remove: () => api.remove('/v1/fleets/acme-own?force=true'),
      relabel: () => api.patch('/v1/fleets/acme-own?force=true', { labels: { ingress: 'changed' } }),
    };
    for (const [name, apply] of Object.entries(change)) {
      await api.post('/v1/tenants/acme/fleets', { ...SHARED_FLEET, name: 'acme-own', labels });
      expect((await put('acme', 'edge', own)).status, name).toBeLessThan(300);
      expect((await apply()).status, name).toBe(200);
      expect((await put('rival', 'edge', gateway(...hosts))).status, name).toBe(201);
      await api.remove('/v1/tenants/rival/gateways/edge');
      // An unserved gateway may keep the hosts, as long as its selector stays.
      expect((await put('acme', 'edge', { ...own, labels: { name } })).status, name).toBe(200);
      const moved = { ...own, selector: { ingress: 'nowhere' } };
      expect((await put('acme', 'edge', moved)).body.code, name).toBe('domain-not-proven');
      await api.remove('/v1/tenants/acme/gateways/edge');
    }
    await api.remove('/v1/fleets/acme-own');
  });

  it('a shared fleet that begins to serve such hosts serves them not: they are withdrawn', async () => {
    await hold('rival', 'example.com');
    const labels = { region: 'eu' };
    const fleet = { ...SHARED_FLEET, name: 'public-eu', labels: { ...SHARED_FLEET.labels, ...labels } };
    const own = { ...gateway('shop.example.com', 'free.test'), selector: labels };
    const apply = () => api.post('/v1/fleets', fleet);
    const hosts = async () => (await api.get('/v1/tenants/acme/gateways/edge')).body.spec.servers[0].hosts;
    const left = isRequired ? ['withdrawn'] : ['free.test'];
    for (const name of ['of its own', 'of nobody any more']) {
      await api.post('/v1/tenants/acme/fleets', { ...SHARED_FLEET, name: 'acme-own', labels });
      expect((await put('acme', 'edge', own)).status, name).toBeLessThan(300);
      if (name === 'of nobody any more') await api.remove('/v1/fleets/acme-own?force=true');
      const { status, body } = await apply();
      expect([status, body.stoppedCount], name).toEqual([201, isRequired ? 2 : 1]);
      expect(body.stopped[0], name).toMatchObject({
        ...{ tenant: 'acme', resource: 'gateways/edge', path: '/servers/0/hosts/0', code: 'host-withdrawn' },
        message: expect.stringContaining('another tenant has proven its domain'),
      });
      expect(await hosts(), name).toEqual(left);
      expect((await put('rival', 'edge', gateway('shop.example.com'))).status, name).toBe(201);
      await api.remove('/v1/fleets/public-eu?force=true');
      for (const each of ['rival', 'acme']) await api.remove(`/v1/tenants/${each}/gateways/edge`);
    }
  });

  it('a tenant that lists such hosts all the time does not keep a shared fleet from beginning', async () => {
    const labels = { region: 'eu' };
    await hold('rival', 'example.com');
    await api.post('/v1/tenants/acme/fleets', { ...SHARED_FLEET, name: 'acme-own', labels });
    let isOver = false;
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let i = 0; !isOver; i++)
        await put('acme', `edge-${writer}`, { ...gateway(`${writer}-${i % 2}.example.com`), selector: labels });
    });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) {
      const name = `public-eu-${i}`;
      statuses.push((await api.post('/v1/fleets?force=true', { ...SHARED_FLEET, name, labels })).status);
      await api.remove(`/v1/fleets/${name}?force=true`);
    }
    isOver = true;
    await Promise.all(writers);
    expect(statuses).toEqual([201, 201, 201, 201]);
  });

  it('hosts that a tenant has claimed stay when another shared fleet serves them', async () => {
    await hold('acme', 'example.com');
    expect((await put('acme', 'edge', gateway('*.example.com'))).status).toBe(201);
    await hold('rival', 'example.com', 'acme');
    expect((await api.remove('/v1/fleets/public?force=true')).status).toBe(200);
    const { status, body } = await api.post('/v1/fleets', SHARED_FLEET);
    expect([status, body.stopped]).toEqual([201, undefined]);
    expect((await api.get('/v1/tenants/acme/gateways/edge')).body.spec.servers[0].hosts).toEqual(['*.example.com']);
  });

  it('no wildcard covers a domain that another tenant has proven, and the nearest proven domain decides', async () => {
    await hold('acme', 'example.com');
    await hold('rival', 'shop.example.com');
    for (const host of ['*.example.com', 'a.shop.example.com', '*.shop.example.com', 'shop.example.com']) {
      for (const query of ['?dryRun=true', '']) {
        const { status, body } = await put('acme', 'edge', gateway(host), query);
        expect([status, body.code], host).toEqual([409, 'domain-not-proven']);
        expect(JSON.stringify(body)).not.toContain('rival');
      }
    }
    // Neither the wildcard's message nor its hint names the domain.
    const { body } = await put('acme', 'edge', gateway('*.example.com'));
    expect(body.violations[0].message).toBe('another tenant has proven a domain that *.example.com covers');
    expect(JSON.stringify(body)).not.toContain('shop');
    expect((await put('acme', 'edge', gateway('example.com', '*.eu.example.com'))).status).toBe(201);
    expect((await put('rival', 'edge', gateway('shop.example.com', '*.shop.example.com'))).status).toBe(201);
    // The domain above is claimed by nobody else, proven or not.
    const claim = await api.post('/v1/tenants/platform/domains', { name: 'example.com' });
    expect([claim.status, claim.body.code]).toEqual([409, 'domain-taken']);
  });

  it('of a wildcard and a domain below it that two tenants get at once, one is refused', async () => {
    await hold('acme', 'race.example');
    await api.post('/v1/tenants/rival/domains', { name: 'below.race.example' });
    const { token } = (await api.store.domains.find('rival', 'below.race.example'))!;
    const at = Date.now();
    const proved = { tenant: 'rival', name: 'below.race.example', token, at, nextCheckAt: at + 1e9 };
    const [written, outcome] = await Promise.all([
      put('acme', 'edge', gateway('*.race.example', 'x.below.race.example')),
      api.store.domains.prove(proved, undefined),
    ]);
    expect([
      [201, 'taken'],
      [409, 'proven'],
    ]).toContainEqual([written.status, outcome]);
  });

  it('of 32 writers, none gets a host after another tenant has proven its domain', async () => {
    await hold('acme', 'race.example');
    await api.post('/v1/tenants/rival/domains', { name: 'race.example' });
    const writes = Array.from({ length: 32 }, (_, i) => put('acme', `g${i}`, gateway(`h${i}.race.example`)));
    await hold('rival', 'race.example', 'acme');
    const after = await put('acme', 'late', gateway('late.race.example'));
    expect(after.status).toBe(409);
    for (const { status } of await Promise.all(writes)) expect([201, 409]).toContain(status);
  });
});
