import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commit, committed } from '../../store/fixtures.ts';
import { type Harness, harness, tokenFor, upstream } from '../harness.ts';

let api: Harness;
let count = 0;
beforeAll(async () => {
  api = await harness();
});
afterAll(() => api.close());

const HTTP = { number: 80, bind: 10080, protocol: 'HTTP' };
const ALT = { number: 8080, bind: 18080, protocol: 'HTTP' };

/** Names of its own for each test: `x3` is a fleet, its label, and the host `x3.example.com`. */
const fresh = () => `x${++count}`;
const gateway = (label: string, hosts: string[], port = 80) => ({
  selector: { on: label },
  servers: [{ port: { number: port, name: 'http', protocol: 'HTTP' }, hosts }],
});
const fleet = (name: string, more: object = {}) => ({
  name,
  labels: { on: name },
  ports: [HTTP, ALT],
  denyDestinations: ['127.0.0.0/8'],
  ...more,
});
async function tenant(name: string, configuration: object) {
  expect((await api.post('/v1/tenants', { name })).status).toBe(201);
  const { status, body } = await api.put(`/v1/tenants/${name}/configuration`, configuration);
  expect([status, body.violations]).toEqual([201, undefined]);
}
interface Named {
  tenant: string;
  resource?: string;
  path: string;
  code: string;
}
const said = (named: Named[]) =>
  named.map(({ tenant, resource, path, code }) => `${tenant} ${resource}${path} ${code}`);

/** The change is rejected with these names. Forced, it is applied and lists the same. */
async function refusedThenForced(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: object | undefined,
  names: string[],
) {
  const before = await api.get('/v1/fleets?limit=500');
  const refused = await api.call(method, path, body);
  expect([refused.status, refused.body.code]).toEqual([409, 'fleet-in-use']);
  expect(said(refused.body.violations)).toEqual(names);
  expect(await api.get('/v1/fleets?limit=500')).toMatchObject({ body: before.body });
  const forced = await api.call(method, `${path}?force=true`, body);
  expect([forced.status, said(forced.body.stopped), forced.body.stoppedCount]).toEqual([
    method === 'POST' ? 201 : 200,
    names,
    names.length,
  ]);
  return forced;
}

describe('a fleet that begins to serve a tenant', () => {
  const sins = (label: string, host: string) => ({
    gateways: { edge: gateway(label, [host, '*', '*.co.uk']), odd: gateway(label, [`odd.${host}`], 81) },
    upstreams: {
      web: { port: 80, endpoints: [{ address: '10.0.0.1' }, { address: '127.0.0.1' }, { address: '::ffff:7f00:1' }] },
    },
  });
  const names = (name: string) => [
    `${name} gateways/edge/servers/0/hosts/1 wildcard-on-shared-fleet`,
    `${name} gateways/edge/servers/0/hosts/2 public-suffix`,
    `${name} gateways/odd/servers/0/port port-not-offered`,
    `${name} upstreams/web/endpoints/1/address destination-denied`,
    `${name} upstreams/web/endpoints/2/address destination-denied`,
  ];

  test('by a label', async () => {
    const name = fresh();
    await api.post('/v1/fleets', fleet(name, { labels: {} }));
    await tenant(name, sins(name, `${name}.example.com`));
    await refusedThenForced('PATCH', `/v1/fleets/${name}`, { labels: { on: name } }, names(name));
  });

  test('because it is new', async () => {
    const name = fresh();
    await tenant(name, sins(name, `${name}.example.com`));
    await refusedThenForced('POST', '/v1/fleets', fleet(name), names(name));
  });

  test('because it is no longer dedicated to another', async () => {
    const [name, other] = [fresh(), fresh()];
    await api.post('/v1/tenants', { name: other });
    await api.post('/v1/fleets', fleet(name, { tenant: other }));
    await tenant(name, sins(name, `${name}.example.com`));
    await refusedThenForced('PATCH', `/v1/fleets/${name}`, { tenant: null }, names(name));
  });

  test('with nothing to object to, it does', async () => {
    const name = fresh();
    await tenant(name, { gateways: { edge: gateway(name, [`${name}.example.com`]) }, upstreams: { web: upstream() } });
    const created = await api.post('/v1/fleets', fleet(name));
    expect([created.status, created.body.stopped]).toEqual([201, undefined]);
  });

  test('beside another: it need not offer all ports that the other does', async () => {
    const name = fresh();
    await api.post('/v1/fleets', fleet(name));
    await tenant(name, { gateways: { edge: gateway(name, [`${name}.example.com`], 8080) } });
    expect((await api.post('/v1/fleets', { ...fleet(`${name}-b`), labels: { on: name }, ports: [HTTP] })).status).toBe(
      201,
    );
  });
});

describe('a fleet that stops serving something', () => {
  async function served(more: object = {}) {
    const name = fresh();
    await api.post('/v1/fleets', fleet(name, { denyDestinations: [] }));
    await tenant(name, {
      gateways: { edge: gateway(name, [`${name}.example.com`]), alt: gateway(name, [`alt.${name}.example.com`], 8080) },
      upstreams: { web: upstream(), inner: upstream('127.0.0.1') },
      ...more,
    });
    return name;
  }

  test('a port', async () => {
    const name = await served();
    await refusedThenForced('PATCH', `/v1/fleets/${name}`, { ports: [HTTP] }, [
      `${name} gateways/alt/servers/0/port port-not-offered`,
    ]);
  });

  test('a port that changes its protocol', async () => {
    const name = await served();
    await refusedThenForced('PATCH', `/v1/fleets/${name}`, { ports: [HTTP, { ...ALT, protocol: 'HTTPS' }] }, [
      `${name} gateways/alt/servers/0/port port-not-offered`,
    ]);
  });

  test('a destination', async () => {
    const name = await served();
    await refusedThenForced('PATCH', `/v1/fleets/${name}`, { denyDestinations: ['127.0.0.0/8'] }, [
      `${name} upstreams/inner/endpoints/0/address destination-denied`,
    ]);
  });

  test('all of a tenant: by its labels, by another owner, by its removal', async () => {
    const all = (name: string) => [`${name} gateways/alt not-served`, `${name} gateways/edge not-served`];
    const relabelled = await served();
    await refusedThenForced('PATCH', `/v1/fleets/${relabelled}`, { labels: {} }, all(relabelled));
    const [given, owner] = [await served(), fresh()];
    await api.post('/v1/tenants', { name: owner });
    await refusedThenForced('PATCH', `/v1/fleets/${given}`, { tenant: owner }, all(given));
    const removed = await served();
    await refusedThenForced('DELETE', `/v1/fleets/${removed}`, undefined, all(removed));
  });

  test('says so once: what is unserved already stands in the way of no other change', async () => {
    const name = await served();
    const path = `/v1/fleets/${name}`;
    await api.patch(`${path}?force=true`, { ports: [HTTP], denyDestinations: ['127.0.0.0/8'] });
    const more = await api.patch(path, {
      denyDestinations: ['127.0.0.0/8', '192.168.0.0/16'],
      labels: { on: name, b: 'c' },
    });
    expect([more.status, more.body.stopped]).toEqual([200, undefined]);
  });

  test('nothing, while another fleet serves the same', async () => {
    const name = await served();
    const twin = { ...fleet(`${name}-twin`, { labels: { on: name } }), denyDestinations: [] };
    expect((await api.post('/v1/fleets', twin)).status).toBe(201);
    expect((await api.patch(`/v1/fleets/${name}`, { ports: [HTTP] })).status).toBe(200);
    expect((await api.remove(`/v1/fleets/${name}`)).status).toBe(204);
    const last = await api.remove(`/v1/fleets/${name}-twin`);
    expect([last.status, last.body.code]).toEqual([409, 'fleet-in-use']);
  });

  test('what only adds is never refused, nor is what tenants do not see', async () => {
    const name = await served();
    const path = `/v1/fleets/${name}`;
    for (const change of [
      { ports: [HTTP, ALT, { number: 443, bind: 10443, protocol: 'HTTPS' }] },
      { ports: [{ ...HTTP, bind: 10081 }, ALT] },
      { labels: { on: name, region: 'eu' } },
      { labels: { on: name } },
      { address: '127.0.0.1' },
      { denyDestinations: ['192.168.0.0/16'] },
      { denyDestinations: [] },
      { tenant: name },
      { tenant: null },
    ]) {
      const { status, body } = await api.patch(path, change);
      expect([change, status, body.stopped]).toEqual([change, 200, undefined]);
    }
    const unused = fresh();
    await api.post('/v1/fleets', fleet(unused));
    expect((await api.remove(`/v1/fleets/${unused}`)).status).toBe(204);
  });

  test('a dedicated fleet is nobody else’s matter', async () => {
    const name = await served();
    expect((await api.post('/v1/fleets', fleet(`${name}-own`, { labels: { on: name }, tenant: name }))).status).toBe(
      409,
    );
    const own = { ...fleet(`${name}-own`, { labels: { on: name }, tenant: name }), denyDestinations: [] };
    expect((await api.post('/v1/fleets', own)).status).toBe(201);
    expect((await api.patch(`/v1/fleets/${name}-own`, { tenant: fresh() })).body.violations).toMatchObject([
      { code: 'unknown-tenant', pointer: '/tenant' },
    ]);
  });
});

describe('hosts', () => {
  const host = (name: string) => ({ gateways: { edge: gateway(name, [`shop.${name}.example.com`]) } });
  const claim = (by: string, on: string, name: string) =>
    api.put(`/v1/tenants/${by}/gateways/rival`, gateway(on, [`shop.${name}.example.com`]));

  /** A tenant on a fleet of its own, so that others may hold its host too. */
  async function dedicated() {
    const name = fresh();
    await api.post('/v1/tenants', { name });
    await api.post('/v1/fleets', fleet(name, { tenant: name }));
    await api.put(`/v1/tenants/${name}/configuration`, host(name));
    const rival = `${name}-rival`;
    await api.post('/v1/tenants', { name: rival });
    return { name, rival };
  }

  test.for([
    ['opening the fleet', (name: string) => api.patch(`/v1/fleets/${name}`, { tenant: null })],
    [
      'a shared fleet of the same label',
      (name: string) => api.post('/v1/fleets', fleet(`${name}-b`, { labels: { on: name } })),
    ],
    ['removing the fleet', (name: string) => api.remove(`/v1/fleets/${name}?force=true`)],
    ['relabelling the fleet', (name: string) => api.patch(`/v1/fleets/${name}?force=true`, { labels: {} })],
  ] as const)('%s claims them', async ([, change]) => {
    const { name, rival } = await dedicated();
    expect((await change(name)).status).toBeLessThan(300);
    expect((await claim(rival, 'elsewhere', name)).status).toBe(409);
  });

  test.for([
    ['opening the fleet', (name: string, force: string) => api.patch(`/v1/fleets/${name}${force}`, { tenant: null })],
    [
      'a shared fleet of the same label',
      (name: string, force: string) => api.post(`/v1/fleets${force}`, fleet(`${name}-b`, { labels: { on: name } })),
    ],
  ] as const)('%s withdraws those that another holds', async ([, change]) => {
    const { name, rival } = await dedicated();
    expect((await claim(rival, 'elsewhere', name)).status).toBe(201);
    const withdrawn = [
      {
        ...{ tenant: name, resource: 'gateways/edge', path: '/servers/0/hosts/0', code: 'host-withdrawn' },
        message: expect.stringContaining('it belongs to another tenant'),
      },
    ];
    // The operator gave the tenant its fleet, and may not have meant this.
    const { status, body } = await change(name, '');
    expect([status, body.code, body.violations]).toMatchObject([409, 'fleet-in-use', withdrawn]);
    const forced = await change(name, '?force=true');
    expect(forced.status).toBeLessThan(300);
    expect([forced.body.stopped, forced.body.stoppedCount]).toMatchObject([withdrawn, 1]);
    const { spec } = (await api.get(`/v1/tenants/${name}/gateways/edge`)).body;
    expect(spec.servers[0].hosts).toEqual(['withdrawn']);
    const { author, message } = (await api.get(`/v1/tenants/${name}/revisions`)).body.items[0];
    expect([author, message]).toEqual(['job:change-fleets', expect.stringContaining('begins to serve')]);
  });

  test.for([
    ['removing the fleet', (name: string) => api.remove(`/v1/fleets/${name}?force=true`)],
    ['relabelling the fleet', (name: string) => api.patch(`/v1/fleets/${name}?force=true`, { labels: {} })],
  ] as const)('%s leaves those to another that it holds', async ([, change]) => {
    const { name, rival } = await dedicated();
    expect((await claim(rival, 'elsewhere', name)).status).toBe(201);
    expect((await change(name)).status).toBe(200);
    expect((await claim(rival, 'elsewhere', name)).status).toBe(200);
    // A gateway with another selector claims its hosts again.
    const moved = await api.put(`/v1/tenants/${name}/gateways/edge`, gateway('other', [`shop.${name}.example.com`]));
    expect([moved.status, moved.body.code]).toEqual([409, 'host-taken']);
  });

  test('dedicating the fleet gives them up', async () => {
    const name = fresh();
    await api.post('/v1/fleets', fleet(name));
    await tenant(name, host(name));
    await api.post('/v1/tenants', { name: `${name}-rival` });
    expect((await claim(`${name}-rival`, 'elsewhere', name)).status).toBe(409);
    expect((await api.patch(`/v1/fleets/${name}`, { tenant: name })).status).toBe(200);
    expect((await claim(`${name}-rival`, 'elsewhere', name)).status).toBe(201);
  });

  test('two fleets cannot serve the same host for two tenants', async () => {
    const [a, b] = [await dedicated(), await dedicated()];
    await api.put(`/v1/tenants/${b.name}/gateways/edge`, gateway(b.name, [`*.${a.name}.example.com`]));
    const opened = await api.post('/v1/fleets', fleet(fresh(), { labels: { on: a.name } }));
    expect(opened.status).toBe(201);
    const { status, body } = await api.patch(`/v1/fleets/${b.name}`, { tenant: null });
    expect([status, body.code, body.violations[0].code]).toEqual([409, 'fleet-in-use', 'host-withdrawn']);
  });

  test('a fleet that would serve the same unproven host for two tenants serves it for neither', async () => {
    const [a, b] = [await dedicated(), await dedicated()];
    const host = `shop.${a.name}.example.com`;
    for (const { name } of [a, b]) await api.put(`/v1/tenants/${name}/gateways/edge`, gateway('both', [host]));
    // Two fleets of tenants, which no operator has made.
    for (const { name } of [a, b])
      await api.post(`/v1/tenants/${name}/fleets`, { ...fleet(`${name}-own`), labels: { on: 'both' } });
    for (const { name } of [a, b])
      expect((await api.put(`/v1/tenants/${name}/gateways/edge`, gateway('both', [host]))).status).toBeLessThan(300);
    const opened = await api.post('/v1/fleets', fleet(fresh(), { labels: { on: 'both' } }));
    expect([opened.status, opened.body.stopped?.map((each: Named) => each.tenant).sort()]).toEqual([
      201,
      [a.name, b.name].sort(),
    ]);
    expect((await claim(a.rival, 'elsewhere', a.name)).status).toBe(201);
  });

  test('public suffixes are nobody’s: who named one before keeps nobody from it', async () => {
    const name = fresh();
    await tenant(name, { gateways: { edge: gateway(name, ['*.dev']) } });
    await tenant(`${name}-b`, { gateways: { edge: gateway(name, [`${name}.dev`]) } });
    expect((await api.post('/v1/fleets?force=true', fleet(name))).body.stopped).toMatchObject([{ tenant: name }]);
  });

  test('a public suffix that an old store holds for a tenant is given up at its next write of a gateway', async () => {
    const name = fresh();
    const { store } = api;
    await tenant(name, { gateways: { edge: gateway(name, ['*.page']) } });
    await api.post('/v1/fleets?force=true', fleet(name));
    const head = { id: crypto.randomUUID(), parent: (await store.tenants.find(name))!.head };
    const fleetGeneration = await store.fleets.generation();
    await committed(store, commit(name, 2, { add: ['*.page'], head, fleetGeneration }));
    const [rival, host] = [`${name}-rival`, `${name}.page`];
    await api.post('/v1/tenants', { name: rival });
    const claim = () => api.put(`/v1/tenants/${rival}/gateways/edge`, gateway(name, [host]));
    expect((await claim()).status).toBe(409);
    const labels = { kept: 'otherwise' };
    expect((await api.patch(`/v1/tenants/${name}/gateways/edge`, { labels })).status).toBe(200);
    expect((await claim()).status).toBe(201);
  });
});

test('Prefer: wait: a fleet without nodes has nothing to wait for; one whose node is behind is 202, then 200', async () => {
  const name = fresh();
  const prefer = { headers: { prefer: 'wait=1' } };
  const created = await api.post('/v1/fleets', fleet(name), prefer);
  expect([created.status, created.headers.get('gatehouse-status')]).toEqual([201, 'unserved']);
  const token = await tokenFor(api, `/v1/fleets/${name}`);
  const report = (at: number) => {
    const node = { node: 'n1', version: '1.40.0', connected: true, acked: at, live: at, rejections: [] };
    return api.post(`/v1/fleets/${name}/status`, { agent: 'a1', nodes: [node] }, { token });
  };
  await report(created.body.seq);
  const late = await api.patch(`/v1/fleets/${name}`, { denyDestinations: [] }, prefer);
  expect([late.status, late.headers.get('gatehouse-status')]).toEqual([202, 'pending']);
  expect(late.body.seq).toBeGreaterThan(created.body.seq);
  await report(late.body.seq);
  const same = await api.patch(`/v1/fleets/${name}`, { denyDestinations: [] }, prefer);
  expect([same.status, same.headers.get('gatehouse-status')]).toEqual([200, 'live']);
});

describe('deny ranges', () => {
  test.for([
    '10.0.0.0/33',
    '999.1.1.1',
    '10/8',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '::1/129',
    '1.2.3.4::',
    'fd00::/',
    '',
    'localhost',
    '0x7f.1',
  ])('422: %s', async (range) => {
    const name = fresh();
    const created = await api.post('/v1/fleets', fleet(name, { denyDestinations: ['10.0.0.0/8', range] }));
    expect([created.status, created.body.violations]).toMatchObject([422, [{ pointer: '/denyDestinations/1' }]]);
    await api.post('/v1/fleets', fleet(name));
    const patched = await api.patch(`/v1/fleets/${name}`, { denyDestinations: [range] });
    expect([patched.status, patched.body.violations]).toMatchObject([422, [{ pointer: '/denyDestinations/0' }]]);
  });

  test('are answered without the bits behind their prefix', async () => {
    const denyDestinations = [
      '10.0.0.1/8',
      '10.1.2.3',
      'fd12::34/8',
      '::ffff:10.0.0.1/104',
      '0.0.0.0/0',
      '172.16.0.0/12',
    ];
    const { status, body } = await api.post('/v1/fleets', fleet(fresh(), { denyDestinations }));
    expect(status).toBe(201);
    expect(body.denyDestinations).toEqual([
      '10.0.0.0/8',
      '10.1.2.3',
      'fd00::/8',
      '::ffff:a00:0/104',
      '0.0.0.0/0',
      '172.16.0.0/12',
    ]);
  });

  test('the default: an upstream on loopback is refused, whatever way it is spelled', async () => {
    const name = fresh();
    const { denyDestinations: _, ...byDefault } = fleet(name);
    await api.post('/v1/fleets', byDefault);
    await tenant(name, { gateways: { edge: gateway(name, [`${name}.example.com`]) } });
    for (const address of [
      '127.0.0.1',
      '127.9.9.9',
      '::1',
      '0:0:0:0:0:0:0:1',
      '::ffff:127.0.0.1',
      '0.0.0.0',
      '::',
      '169.254.169.254',
    ]) {
      const { status, body } = await api.put(`/v1/tenants/${name}/upstreams/web`, upstream(address));
      expect([address, status, body.violations]).toMatchObject([
        address,
        422,
        [{ code: 'destination-denied', pointer: '/endpoints/0/address' }],
      ]);
    }
    expect((await api.put(`/v1/tenants/${name}/upstreams/web`, upstream('10.0.0.1'))).status).toBe(201);
  });
});

test('a tenant that publishes while the fleet changes is judged by the old rules and listed, or by the new ones and refused', async () => {
  const name = fresh();
  await api.post('/v1/fleets', fleet(name, { denyDestinations: [] }));
  const tenants = Array.from({ length: 6 }, (_, index) => `${name}-${index}`);
  for (const each of tenants)
    await tenant(each, { gateways: { edge: gateway(name, [`${each}.example.com`]) }, upstreams: { web: upstream() } });
  let done = false;
  const writers = tenants.map(async (each) => {
    for (let n = 1; !done && n < 250; n++)
      await api.put(`/v1/tenants/${each}/upstreams/web`, upstream(n % 2 ? `127.0.0.${n}` : `10.0.0.${n}`));
  });
  const { body } = await api.patch(`/v1/fleets/${name}?force=true`, { denyDestinations: ['127.0.0.0/8'] });
  done = true;
  await Promise.all(writers);
  const listed = new Set((body.stopped ?? []).map((each: Named) => each.tenant));
  for (const each of tenants) {
    const { spec } = (await api.get(`/v1/tenants/${each}/upstreams/web`)).body;
    if (spec.endpoints[0].address.startsWith('127.')) expect(listed).toContain(each);
  }
});

// The last test, because every change of a fleet looks at all tenants.
test('of many tenants, each is looked at, 100 are named, and all are counted', async () => {
  const name = fresh();
  const tenants = Array.from({ length: 120 }, (_, index) => `${name}-${String(index).padStart(3, '0')}`);
  await Promise.all(
    tenants.map((each) => tenant(each, { gateways: { edge: gateway(name, [`${each}.example.com`, '*.co.uk']) } })),
  );
  const refused = await api.post('/v1/fleets', fleet(name));
  expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining(' and 110 more tenants')]);
  const { body } = await api.post('/v1/fleets?force=true', fleet(name));
  expect(body.stoppedCount).toBe(120);
  expect(body.stopped.map((each: Named) => each.tenant)).toEqual(tenants);
});
