import { expect, test } from 'vitest';
import { methodFor } from '../../../api/acme/method.ts';
import type { Fleet } from '../../../model/fleet.ts';

const fleet = (name: string, ...ports: (80 | 443)[]): Fleet => ({
  name,
  labels: {},
  ports: ports.map((number) => ({ number, bind: number, protocol: number === 80 ? 'HTTP' : 'HTTPS' })),
});
const choose = (challenge: string, fleets: Fleet[], failures = 0) => {
  const method = methodFor({ challenge, failures }, { fleets });
  return method.isPossible ? method.challenge : method.reason;
};

test('a certificate that names no challenge gets one for which every fleet has the port', () => {
  expect(choose('any', [fleet('a', 80, 443)])).toBe('HTTP-01');
  expect(choose('any', [fleet('a', 80, 443), fleet('b', 443)])).toBe('TLS-ALPN-01');
  expect(choose('any', [fleet('a', 80), fleet('b', 443)])).toBe(
    'the fleet b, a has no HTTP port 80 or HTTPS port 443, on which the authority asks',
  );
});

test('after a failed attempt, the other challenge is tried', () => {
  expect([0, 1, 2].map((failures) => choose('any', [fleet('a', 80, 443)], failures))).toEqual([
    'HTTP-01',
    'TLS-ALPN-01',
    'HTTP-01',
  ]);
  expect(choose('any', [fleet('a', 443)], 1)).toBe('TLS-ALPN-01');
});

test('a challenge that the certificate names is the only one', () => {
  expect(choose('TLS-ALPN-01', [fleet('a', 80, 443)])).toBe('TLS-ALPN-01');
  expect(choose('HTTP-01', [fleet('a', 443)])).toBe('the fleet a has no HTTP port 80, on which the authority asks');
  expect(choose('DNS-01', [fleet('a')], 3)).toBe('DNS-01');
});
