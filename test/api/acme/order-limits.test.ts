import { expect, test } from 'vitest';
import { OrderLimits, registeredDomain } from '../../../api/acme/order-limits.ts';
import type { Services } from '../../../api/context.ts';
import type { NameRow } from '../../../api/store/automatic.ts';
import type { Orders } from '../../../api/store/order-counts.ts';

const none: Orders = { all: 0, ofDomain: 0, ofTenant: 0, open: 0 };
const limits = (stored: Partial<Orders>) =>
  new OrderLimits({
    store: { automatic: { orders: async () => ({ ...none, ...stored }) } },
    settings: { acmeOrders: 250, acmeDomainOrders: 45 },
  } as unknown as Services);
const row = (name: string, tenant = 'acme') => ({ name, tenant }) as NameRow;
const reserve = (each: OrderLimits, domain = 'a.test') => each.reserve(row(domain), domain, 0);

test('an order below all limits is made, and others wait for a reason in words', async () => {
  expect(await reserve(limits({}))).toBeUndefined();
  expect(await reserve(limits({ all: 250 }))).toMatch(/^250 orders, .* in the last three hours$/);
  expect(await reserve(limits({ ofDomain: 45 }))).toMatch(/^45 orders, .* for a\.test in the last seven days$/);
  expect(await reserve(limits({ open: 100 }))).toBe('100 orders are open');
});

test('orders that are made at the same time do not exceed a limit together', async () => {
  const each = limits({ ofDomain: 43 });
  const found = await Promise.all([reserve(each), reserve(each), reserve(each), reserve(each, 'b.test')]);
  expect(found.map((reason) => reason === undefined)).toEqual([true, true, false, true]);
});

test('one tenant gets half of the orders, and leaves the others to the other tenants', async () => {
  const each = limits({ all: 124, ofTenant: 124 });
  expect(await each.reserve(row('a.test'), 'a.test', 0)).toBeUndefined();
  expect(await each.reserve(row('b.test'), 'b.test', 0)).toMatch(/^125 orders, half of those .* for the tenant/);
  const other = limits({ all: 125 });
  expect(await other.reserve(row('c.test', 'books'), 'c.test', 0)).toBeUndefined();
});

test('a stored order is no longer counted twice', async () => {
  const each = limits({ ofDomain: 44 });
  const one = row('a.test');
  expect(await each.reserve(one, 'a.test', 0)).toBeUndefined();
  expect(await reserve(each)).toBeDefined();
  each.release(one);
  expect(await reserve(each)).toBeUndefined();
});

test.each([
  ['a.b.example.co.uk', 'example.co.uk'],
  ['*.example.com', 'example.com'],
  ['shop.user.github.io', 'user.github.io'],
  ['example.com', 'example.com'],
])('the registered domain of %s is %s', (name, domain) => expect(registeredDomain(name)).toBe(domain));
