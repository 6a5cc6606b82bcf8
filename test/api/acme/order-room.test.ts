import { expect, test } from 'vitest';
import type { OrderGroup } from '../../../api/acme/order-limits.ts';
import { OrderRoom } from '../../../api/acme/order-room.ts';
import { groupIn, queueOf } from '../../../api/acme/queue.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const NOW = 100 * DAY;
const settings = {
  ...{ acmeOrders: 20, acmeDomainOrders: 8 },
  ...{ platformDomain: 'apps.test', platformGateway: 'platform/public' },
};
const group = (tenant: string, domain: string, isOnPlatform = false): OrderGroup => ({ tenant, domain, isOnPlatform });
const made = (tenant: string, domain: string, recent: number, all = recent) => ({
  ...{ tenant, domain, recent, all },
  ...{ oldestRecent: recent > 0 ? NOW - HOUR : null, oldest: NOW - DAY },
});
const roomAfter = (...rows: ReturnType<typeof made>[]) => new OrderRoom(settings, { open: 0, rows }, NOW);

test.each([
  ['the domain’s limit', [], group('acme', 'a.test'), 8],
  ['what is left of it', [made('books', 'a.test', 1, 5)], group('acme', 'a.test'), 3],
  ['the tenant’s half', [made('acme', 'b.test', 6)], group('acme', 'a.test'), 4],
  ['half of what the other tenants leave', [made('books', 'b.test', 13)], group('acme', 'a.test'), 4],
  ['what is left of all', [made('books', 'b.test', 20)], group('acme', 'a.test'), 0],
  ['more than the limit', [made('books', 'a.test', 1, 10)], group('acme', 'a.test'), 0],
  ['a tenth of those for the domain of the platform', [], group('acme', 'apps.test', true), 1],
  ['half of these for all tenants', [made('books', 'apps.test', 0, 4)], group('acme', 'apps.test', true), 0],
  ['the owner of the platform', [made('books', 'apps.test', 0, 4)], group('platform', 'apps.test', true), 4],
] as const)('as many orders are possible as the narrowest limit leaves: %s', (_, rows, of, expected) => {
  expect(roomAfter(...rows).of(of)).toBe(expected);
});

test('orders that a group is about to make leave less to others', () => {
  const room = roomAfter(made('cinema', 'c.test', 10));
  room.take(group('acme', 'a.test'), 4);
  expect([room.of(group('acme', 'b.test')), room.of(group('books', 'a.test'))]).toEqual([1, 3]);
  expect(new OrderRoom(settings, { open: 98, rows: [] }, NOW).of(group('acme', 'a.test'))).toBe(2);
});

test('of the limits that are reached, the reason is the one that is reached for longest', () => {
  const room = roomAfter(made('acme', 'a.test', 8), made('acme', 'b.test', 2));
  expect(room.wait(group('acme', 'a.test'))).toEqual({
    reason: '8 orders, as many as are possible, have been made for a.test in the last seven days',
    until: NOW + 6 * DAY,
  });
  expect(room.wait(group('acme', 'c.test'))).toEqual({
    reason: '10 orders, half of those that other tenants leave, have been made for the tenant in the last three hours',
    until: NOW + 2 * HOUR,
  });
  expect(room.wait(group('books', 'c.test'))).toBeUndefined();
});

test.each([group('acme', 'a.test'), group('acme', 'apps.test', true)])('the queue of %o is its own', (of) => {
  expect(groupIn(queueOf(of))).toEqual(of);
});
