import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isProven } from '../../../api/domains/proven.ts';
import { readSettings } from '../../../api/settings.ts';
import { type Harness, harness, tokenFor } from '../harness.ts';

let api: Harness;
const domains = '/v1/tenants/acme/domains';

beforeAll(async () => {
  api = await harness({ GATEHOUSE_PLATFORM_DOMAIN: 'apps.gatehouse.example' });
  for (const name of ['acme', 'rival']) await api.post('/v1/tenants', { name });
});
afterAll(() => api.close());

describe('a claim', () => {
  it('returns the records that prove it, and can be read, listed and given up', async () => {
    const { status, headers, body } = await api.post(domains, { name: 'Example.COM.' });
    expect([status, headers.get('location')]).toEqual([201, `${domains}/example.com`]);
    expect(body).toMatchObject({ name: 'example.com', state: 'pending' });
    const [txt, cname] = body.records;
    expect(txt).toMatchObject({ type: 'TXT', name: '_gatehouse.example.com' });
    expect(txt.value).toMatch(/^gatehouse-domain=[0-9a-f]{40}$/);
    const proof = txt.value.slice('gatehouse-domain='.length);
    expect(cname.value).toBe(`${proof}._gatehouse.apps.gatehouse.example`);
    expect((await api.get(`${domains}/example.com`)).body).toEqual(body);
    expect((await api.get(domains)).body.items).toEqual([body]);
    expect(await api.post(domains, { name: 'example.com' })).toMatchObject({
      status: 409,
      body: { code: 'name-taken' },
    });
    // Another claim of the same name has another proof: an old record proves nothing.
    const other = await api.post('/v1/tenants/rival/domains', { name: 'example.com' });
    expect(other.body.records[0].value).not.toBe(txt.value);
    expect((await api.remove(`${domains}/example.com`)).status).toBe(204);
    expect((await api.remove(`${domains}/example.com`)).status).toBe(404);
    expect((await api.post(domains, { name: 'example.com' })).body.records[0].value).not.toBe(txt.value);
  });

  it.each([
    ['com', 'com is a public suffix'],
    ['co.uk', 'co.uk is a public suffix'],
    ['github.io', 'github.io is a public suffix'],
    ['kawasaki.jp', 'kawasaki.jp is a public suffix'],
    ['*.example.org', 'claim example.org: it includes all names below it'],
    ['https://example.org/', 'must be a domain such as example.com'],
    ['example.org:443', 'must be a domain such as example.com'],
    ['a@example.org', 'must be a domain such as example.com'],
    ['10.0.0.1', 'not an IP address'],
    ['none.invalid', 'not an IP address or a reserved name'],
    ['xn--a.example', 'must be a domain such as example.com'],
    ['exa mple.org', 'must be a domain such as example.com'],
    ['example.org..', 'must be a domain such as example.com'],
    ['a..example.org', 'must be a domain such as example.com'],
    [`${'a.'.repeat(118)}example`, 'must have at most 242 characters'],
  ])('of %s is rejected: %s', async (name, message) => {
    const { status, body } = await api.post(domains, { name });
    expect([status, body.code, body.violations[0].pointer]).toEqual([422, 'invalid-request', '/name']);
    expect(body.violations[0].message).toContain(message);
  });

  it.each(['apps.gatehouse.example', 'acme.apps.gatehouse.example', 'gatehouse.example'])(
    'of %s is rejected: it is of the platform',
    async (name) => {
      expect(await api.post(domains, { name })).toMatchObject({ status: 409, body: { code: 'domain-taken' } });
    },
  );

  it.each([
    ['Bücher.example', { name: 'xn--bcher-kva.example', unicode: 'bücher.example' }],
    ['例え.テスト.example', { name: 'xn--r8jz45g.xn--zckzah.example', unicode: '例え.テスト.example' }],
    ['аррӏе.example', { name: 'xn--80ak6aa92e.example', looksLike: 'apple.example' }],
    ['xn--80ak6aa92e.example.net', { unicode: 'аррӏе.example.net', looksLike: 'apple.example.net' }],
    ['pаypal.example', { looksLike: 'paypal.example' }],
    ['москва.example', { unicode: 'москва.example' }],
    ['pарка日.example', { looksLike: 'pарка日.example' }],
  ])('of %s shows its A-labels, and what it looks like', async (name, shown) => {
    const { body } = await api.post(domains, { name });
    expect(body).toMatchObject(shown);
    if (!('looksLike' in shown)) expect(body.looksLike).toBeUndefined();
    expect((await api.get(`${domains}/${encodeURIComponent(name)}`)).body).toEqual(body);
  });

  it('is for writers of the tenant', async () => {
    const reader = await tokenFor(api, '/v1/tenants/acme', { scopes: ['read'] });
    const rival = await tokenFor(api, '/v1/tenants/rival', { scopes: ['admin'] });
    for (const token of [reader, rival]) {
      expect((await api.post(domains, { name: 'other.example' }, { token })).status).toBe(403);
      expect((await api.remove(`${domains}/example.com`, { token })).status).toBe(403);
    }
    expect((await api.get(`${domains}/example.com`, { token: rival })).status).toBe(403);
    expect((await api.get('/v1/tenants/nobody/domains')).status).toBe(404);
    expect((await api.post('/v1/tenants/nobody/domains', { name: 'a.example' })).status).toBe(404);
  });
});

describe('a host', () => {
  const settings = readSettings({ GATEHOUSE_PLATFORM_DOMAIN: 'apps.gatehouse.example' });
  const isOf = (tenant: string, host: string) => isProven({ store: api.store, settings }, tenant, host);

  it('of a held domain is proven, of a claimed one not', async () => {
    await api.post(domains, { name: 'held.example' });
    for (const host of ['held.example', 'a.b.held.example']) expect(await isOf('acme', host)).toBe(false);
    const { token } = (await api.store.domains.find('acme', 'held.example'))!;
    const proved = { tenant: 'acme', name: 'held.example', token, at: 1, nextCheckAt: 2 };
    expect(await api.store.domains.prove(proved, undefined)).toBe('proven');
    for (const host of ['held.example', 'a.b.held.example', '*.held.example', '*.a.held.example'])
      expect(await isOf('acme', host), host).toBe(true);
    for (const host of ['example', '*.example', 'xheld.example', '*'])
      expect(await isOf('acme', host), host).toBe(false);
    expect(await isOf('rival', 'a.held.example')).toBe(false);
  });

  it('with the name of the tenant is proven on the domain of the platform', async () => {
    for (const host of ['acme.apps.gatehouse.example', '*.acme.apps.gatehouse.example'])
      expect([await isOf('acme', host), await isOf('rival', host)], host).toEqual([true, false]);
    for (const host of ['apps.gatehouse.example', '*.apps.gatehouse.example', 'xacme.apps.gatehouse.example'])
      expect(await isOf('acme', host), host).toBe(false);
  });
});
