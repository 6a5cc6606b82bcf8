import { expect, test } from 'vitest';
import { changeUnderLoad } from './change-load.ts';

test('no request fails while routes, upstreams, certificates, TLS profiles and ports change', async () => {
  const outcomes = await changeUnderLoad(600);
  expect(outcomes.map(({ kind, failures }) => [kind, failures])).toEqual([
    ['route', {}],
    ['upstream swap', {}],
    ['certificate', {}],
    ['TLS profile', {}],
    ['listener port', {}],
  ]);
  for (const { requests, changes } of outcomes) {
    expect(requests).toBeGreaterThanOrEqual(600);
    expect(changes).toBeGreaterThan(0);
  }
});
