import { expect, test } from 'vitest';
import { chargeNetworks } from '../../../api/charge-networks.ts';
import { networksOf } from '../../../api/http/client-address.ts';
import { RateLimit } from '../../../api/http/rate-limit.ts';
import type { Problem } from '../../../api/problem.ts';

const now = 1_700_000_000_000;
const tenant = { policy: 'tenant', perSecond: 2, burst: 10 };

/** What the headers say when a request is rejected. */
function rejected(run: () => unknown): Record<string, string> {
  try {
    run();
  } catch (problem) {
    return (problem as Problem).headers;
  }
  throw new Error('the request was not rejected');
}

test('a clock that is set back refuses nobody who is within the limit', () => {
  const rate = new RateLimit(10, 20);
  rate.count('one', now);
  for (const back of [1_000, 60_000]) expect(() => rate.count('one', now - back)).not.toThrow();
});

test('a request is charged for its cost, and at most for a whole burst', () => {
  const rate = new RateLimit(1_000, 1_000);
  expect(rate.charge('a', tenant, 4, now)?.headers).toEqual({
    'ratelimit-policy': '"tenant";q=10;w=5',
    ratelimit: '"tenant";r=6;t=2',
  });
  expect(rejected(() => rate.charge('a', tenant, 99, now))).toEqual({
    'retry-after': '2',
    'ratelimit-policy': '"tenant";q=10;w=5',
    ratelimit: '"tenant";r=6;t=2',
  });
  expect(rate.charge('a', tenant, 99, now + 2_000)?.headers.ratelimit).toBe('"tenant";r=0;t=5');
  expect(rate.charge('b', tenant, 1, now)?.headers.ratelimit).toBe('"tenant";r=9;t=1');
});

test('what a request costs in addition delays later requests, by at most two bursts', () => {
  const rate = new RateLimit(1_000, 1_000);
  rate.charge('a', tenant, 10, now)!.add(1_000_000);
  expect(rejected(() => rate.charge('a', tenant, 1, now))['retry-after']).toBe('6');
  expect(rate.charge('a', tenant, 1, now + 6_000)).toBeDefined();
});

test('a smaller rate applies to the next request, and the rate 0 is no limit', () => {
  const rate = new RateLimit(0, 1);
  expect(rate.count('a', now)).toBeUndefined();
  rate.charge('a', tenant, 1, now);
  expect(rate.charge('a', { ...tenant, burst: 3 }, 1, now)?.headers.ratelimit).toBe('"tenant";r=2;t=1');
});

test.for([
  // [the requests that many clients of one network may send at once, the client with a number]
  [40, (number: number) => `2001:db8:1:${(number * 256).toString(16)}::1`],
  [20, (number: number) => `2001:db8:1:${number.toString(16)}::1`],
  [10, (number: number) => `2001:db8:1:1::${number.toString(16)}`],
  [100, (number: number) => `203.0.113.${number}`],
] as const)('the clients of one network send at most %i anonymous requests', ([most, client]) => {
  const services = { rate: new RateLimit(1_000, 1_000) };
  const send = (number: number) =>
    chargeNetworks({ services, now, networks: networksOf(client(number)) }, 'reads', tenant);
  for (let number = 0; number < most; number++) send(number);
  if (most < 100) expect(() => send(most)).toThrow('at most');
});
