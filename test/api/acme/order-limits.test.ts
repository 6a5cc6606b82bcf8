import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Full, registeredDomain, withinLimits } from '../../../api/acme/order-limits.ts';
import { type Harness, harness } from '../harness.ts';

describe('an order', () => {
  let api: Harness;
  beforeEach(async () => {
    api = await harness();
  });
  afterEach(() => api.close());

  const limits = { acmeOrders: 4, acmeDomainOrders: 2 };
  const platform = { platformDomain: 'apps.test', platformGateway: 'platform/public' };
  const made = async () => 'made';
  const order = async (name: string, tenant = 'acme', make = made, more = {}) => {
    const settings = { ...limits, ...platform, ...more };
    const found = await withinLimits({ store: api.store, settings }, { tenant, name }, 0, make);
    return found instanceof Full ? found.reason : found;
  };

  test('an order below all limits is made, and others wait for a reason in words', async () => {
    expect(await order('a.one.test')).toBe('made');
    expect(await order('b.one.test')).toBe('made');
    expect(await order('c.one.test', 'books')).toMatch(/^2 orders, .* for one\.test in the last seven days$/);
    expect(await order('two.test')).toMatch(/^2 orders, half of those .* for the tenant in the last three hours$/);
    expect(await order('two.test', 'books')).toBe('made');
    expect(await order('three.test', 'cinema')).toBe('made');
    expect(await order('four.test', 'dance')).toMatch(/^4 orders, .* in the last three hours$/);
  });

  test('tenants get half of the orders for the domain of the platform, and one of them a tenth', async () => {
    const many = (name: string, tenant: string) => order(name, tenant, made, { acmeOrders: 100, acmeDomainOrders: 20 });
    const of = (tenant: string) =>
      Promise.all(['a', 'b', 'c'].map((name) => many(`${name}.${tenant}.apps.test`, tenant)));
    const full = /^2 orders, as many as one tenant may make, have been made for apps\.test in the last seven days$/;
    for (const tenant of ['acme', 'books', 'cinema', 'dance'])
      expect((await of(tenant)).sort()).toEqual([expect.stringMatching(full), 'made', 'made']);
    expect(await many('a.energy.apps.test', 'energy')).toBe('made');
    expect(await many('b.energy.apps.test', 'energy')).toBe('made');
    expect(await many('fun.apps.test', 'fun')).toMatch(/^10 orders, .* for apps\.test in the last seven days$/);
    expect(await many('*.apps.test', 'platform')).toBe('made');
  });

  test('an order that cannot be made does not count', async () => {
    const failing = async () => Promise.reject(new Error('away'));
    for (let i = 0; i < 5; i++) await expect(order('a.test', 'acme', failing)).rejects.toThrow('away');
    expect(await order('a.test')).toBe('made');
  });
});

test.each([
  ['a.b.example.co.uk', 'example.co.uk'],
  ['*.example.com', 'example.com'],
  ['shop.user.github.io', 'user.github.io'],
  ['example.com', 'example.com'],
])('the registered domain of %s is %s', (name, domain) => expect(registeredDomain(name)).toBe(domain));
