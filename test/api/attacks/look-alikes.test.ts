/** One tenant, acme, writes names of another one, victim, in other ways, and races for names that both want. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { gateway, type Harness, harness, SHARED_FLEET } from '../harness.ts';

const OTHERS = 'victim';
const RACERS = ['one', 'two'];
let api: Harness;

beforeAll(async () => {
  api = await harness({ GATEHOUSE_DOMAIN_PROOF: 'optional', GATEHOUSE_PLATFORM_DOMAIN: 'apps.example' });
  const ports = [...SHARED_FLEET.ports, { number: 5432, bind: 15432, protocol: 'TCP' }];
  expect((await api.post('/v1/fleets', { ...SHARED_FLEET, ports })).status).toBe(201);
  for (const name of ['acme', OTHERS]) await api.post('/v1/tenants', { name });
  const hosts = ['shop.example.com', 'book.example.com', '*.wide.example.com', 'xn--bcher-kva.example'];
  expect((await api.put(`/v1/tenants/${OTHERS}/gateways/web`, gateway(...hosts))).status).toBe(201);
});
afterAll(() => api.close());

const put = (tenant: string, name: string, body: object) => api.put(`/v1/tenants/${tenant}/gateways/${name}`, body);
const expectNobodyNamed = (body: unknown, ...names: string[]) => {
  for (const name of names) expect(JSON.stringify(body)).not.toContain(name);
};

describe('a host of another tenant', () => {
  test.for([
    'shop.example.com',
    'SHOP.Example.COM',
    'shop.example.com.',
    'shop.example.com:80',
    'Shop.Example.Com:65535',
    '*.example.com',
    '*.COM',
    '*.Example.com.',
    'a.wide.example.com',
    'A.B.WIDE.example.com.',
    '*.wide.example.com',
    '*.x.wide.example.com',
    'xn--bcher-kva.example',
    'XN--BCHER-KVA.EXAMPLE',
    // The Kelvin sign is the one letter outside ASCII whose lower case is in ASCII.
    'boo\u212a.example.com',
  ])('written %s is the same host', async (host) => {
    for (const query of ['?dryRun=true', '']) {
      const { status, body } = await api.put(`/v1/tenants/acme/gateways/probe${query}`, gateway(host));
      // Nobody has a wildcard directly below a public suffix on a shared fleet.
      expect([status, body.code]).toEqual(host === '*.COM' ? [422, 'invalid-configuration'] : [409, 'host-taken']);
      expectNobodyNamed(body, OTHERS);
    }
  });

  test.for([
    ['U-labels', 'b\u00fccher.example'],
    ['U-labels in upper case', 'B\u00dcCHER.example'],
    ['a decomposed letter', 'bu\u0308cher.example'],
    ['full-width letters', '\uff53\uff48\uff4f\uff50.example.com'],
    ['an ideographic full stop', 'shop\u3002example.com'],
    ['a full-width full stop', 'shop\uff0eexample.com'],
    ['a Cyrillic letter', 'sh\u043ep.example.com'],
    ['a soft hyphen', 'sh\u00adop.example.com'],
    ['a zero-width space', 'shop\u200b.example.com'],
    ['a dotless i', 'sh\u0131p.example.com'],
    ['a percent-encoded letter', '%73hop.example.com'],
    ['a percent-encoded dot', 'shop%2eexample.com'],
    ['two dots at the end', 'shop.example.com..'],
    ['an empty label', 'shop..example.com'],
    ['a space', ' shop.example.com'],
    ['a tab', 'shop.example.com\t'],
    ['a line break', 'shop.example.com\n'],
    ['a NUL', 'shop.example.com\0'],
    ['a path', 'shop.example.com/'],
    ['a user', 'a@shop.example.com'],
    ['a scheme', 'http://shop.example.com'],
    ['an empty port', 'shop.example.com:'],
    ['two ports', 'shop.example.com:80:80'],
    ['a partial wildcard', 's*.example.com'],
    ['an inner wildcard', 'shop.*.com'],
    ['two wildcards', '*.*.example.com'],
    ['a backslash', 'shop.example.com\\'],
  ] as const)('with %s is no host', async ([, host]) => {
    const { status, body } = await put('acme', 'probe', gateway(host));
    expect([status, body.code]).toEqual([422, 'invalid-request']);
    expectNobodyNamed(body, OTHERS);
    expect((await api.get('/v1/tenants/acme/gateways/probe')).status).toBe(404);
  });
});

describe('a domain', () => {
  test('is one domain, however it is written', async () => {
    const claims = [
      'b\u00fccher.example',
      'B\u00dcCHER.example.',
      'bu\u0308cher.example',
      '\uff42\u00fccher\u3002example',
    ];
    const [first, ...others] = await Promise.all(
      claims.map((name) => api.post('/v1/tenants/acme/domains', { name })),
    ).then((answers) => answers.sort((a, b) => a.status - b.status));
    expect([first!.status, first!.body.name]).toEqual([201, 'xn--bcher-kva.example']);
    expect(others.map(({ status, body }) => [status, body.code])).toEqual(others.map(() => [409, 'name-taken']));
    const { items } = (await api.get('/v1/tenants/acme/domains')).body;
    expect(items.map(({ name }: { name: string }) => name)).toEqual(['xn--bcher-kva.example']);
  });

  test.for([
    ['a percent-encoded letter', '%65xample.net'],
    ['a port', 'example.net:443'],
    ['a label that is no A-label', 'xn--example-.net'],
    ['an A-label of what is no IDN', 'xn--a.example.net'],
    ['a zero-width joiner', 'exam\u200dple.net'],
    ['the domain of the platform in full-width letters', '\uff41pps.example'],
    ['a domain below that of the platform', 'Shop.APPS.example.'],
  ])('with %s is not claimed', async ([, name]) => {
    const { status, body } = await api.post('/v1/tenants/acme/domains', { name });
    if (status !== 201) expect([409, 422]).toContain(status);
    // What is left out in U-labels is left out of the name.
    else expect(body.name).toBe('example.net');
    await api.remove('/v1/tenants/acme/domains/example.net');
  });
});

describe('of 32 writers of two tenants', () => {
  let round = 0;
  let racers: string[];
  beforeEach(async () => {
    round++;
    racers = RACERS.map((name) => `${name}-${round}`);
    for (const name of racers) await api.post('/v1/tenants', { name });
  });

  /** Lets 16 requests of each tenant race. Exactly one tenant may win, and the other one does not learn which. */
  async function race(code: string, request: (tenant: string, index: number) => ReturnType<typeof put>) {
    const answers = await Promise.all(
      Array.from({ length: 32 }, async (_, index) => {
        const tenant = racers[index % 2]!;
        return { tenant, ...(await request(tenant, index)) };
      }),
    );
    const winners = new Set(answers.filter(({ status }) => status < 300).map(({ tenant }) => tenant));
    expect(winners.size).toBe(1);
    const [winner] = winners;
    for (const { tenant, status, body } of answers) {
      if (tenant === winner) continue;
      expect([status, body.code]).toEqual([409, code]);
      expectNobodyNamed(body, winner!);
    }
  }

  test('for one host, however it is written, one tenant gets it', async () => {
    const spellings = [
      'race.example.net',
      'RACE.example.net',
      'race.example.net.',
      'race.example.net:443',
      '*.example.net',
    ];
    await race('host-taken', (tenant, index) => put(tenant, 'web', gateway(spellings[index % spellings.length]!)));
  });

  test('for one TCP port, one tenant gets it', async () => {
    const server = { port: { number: 5432, name: 'db', protocol: 'TCP' }, hosts: ['*'] };
    await race('port-taken', (tenant, index) =>
      put(tenant, 'db', { selector: { ingress: 'public' }, servers: [server], labels: { index: String(index) } }),
    );
  });

  test('for one domain that both have proven, one tenant holds it, and the hosts of the other one are refused', async () => {
    const name = 'race.example.org';
    const keys: Parameters<typeof api.store.domains.prove>[0][] = [];
    for (const tenant of racers) {
      await api.post(`/v1/tenants/${tenant}/domains`, { name });
      const { token } = (await api.store.domains.find(tenant, name))!;
      keys.push({ tenant, name, token, at: Date.now(), nextCheckAt: Date.now() + 1e9 });
    }
    const outcomes = await Promise.all(
      Array.from({ length: 32 }, (_, index) => api.store.domains.prove(keys[index % 2]!, undefined)),
    );
    const winners = new Set(racers.filter((_, at) => outcomes.some((each, i) => i % 2 === at && each === 'proven')));
    expect(winners.size).toBe(1);
    await race('domain-not-proven', (tenant, index) => put(tenant, `g${index}`, gateway(`h${index}.${name}`)));
  });
});
