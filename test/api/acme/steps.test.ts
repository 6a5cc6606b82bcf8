import { expect, test } from 'vitest';
import { type Desk, steps } from '../../../api/acme/steps.ts';
import type { NameRow } from '../../../api/store/automatic.ts';
import { CHALLENGE_LIST_AGE } from '../../../wire/challenges.ts';

const NOW = 1_000_000;
const row = {
  ...{ tenant: 'acme', name: 'a.test', step: 'answering', method: 'HTTP-01' },
  ...{ orderedAt: NOW, challengeUrl: 'https://ca/1', announced: '{"one":7,"two":3}' },
} as NameRow;

/** @param acked what the agents of each fleet have reported */
function deskWith(acked: Record<string, number>, now = NOW) {
  const accepted: string[] = [];
  const summaries = { of: async (fleet: string) => ({ connected: acked[fleet]! > 0 ? 1 : 0, acked: acked[fleet] }) };
  const authority = { accept: async (_: unknown, url: string) => accepted.push(url) };
  const desk = { services: { summaries }, authority, account: async () => ({}), now: () => now } as unknown as Desk;
  return { accepted, desk };
}

test('the authority may ask after all agents have the challenge, and older lists of the Envoys have expired', async () => {
  const early = deskWith({ one: 7, two: 2 });
  expect((await steps.answering!(early.desk, row)).change).toEqual({ dueAt: NOW + 200 });
  const all = deskWith({ one: 8, two: 3 });
  const { change } = await steps.answering!(all.desk, row);
  expect(change.step).toBe('asking');
  expect(change.dueAt).toBeGreaterThan(NOW + CHALLENGE_LIST_AGE);
  expect([...early.accepted, ...all.accepted]).toEqual([]);
  expect((await steps.asking!(all.desk, { ...row, ...change })).change).toMatchObject({ step: 'validating' });
  expect(all.accepted).toEqual(['https://ca/1']);
});

test('after 20 seconds, the authority may ask although an agent has not reported, unless no Envoy is connected', async () => {
  const late = deskWith({ one: 7, two: 2 }, NOW + 20_001);
  expect((await steps.answering!(late.desk, row)).change.step).toBe('asking');
  const none = deskWith({ one: 7, two: 0 }, NOW + 20_001);
  expect((await steps.answering!(none.desk, row)).change.reason).toBe('no Envoy of the fleet two is connected');
});

test.each([
  ['suspended', { suspendedAt: 1 }, null],
  ['deleted', { deletedAt: 1 }, null],
  ['deleted', { deletedAt: 1 }, 'a chain that is due for renewal'],
])('no certificate is ordered for a tenant that is %s', async (state, columns, chain) => {
  const held = { name: 'a.test', tenant: 'acme' };
  const store = {
    tenants: { find: async (name: string) => ({ name, ...columns }) },
    domains: { holders: async () => [held] },
  };
  const desk = {
    services: { store, settings: { platformGateway: 'platform/public' } },
    now: () => NOW,
  } as unknown as Desk;
  const idle = { ...row, step: 'idle', attached: 0, chain, renewAt: NOW - 1, failures: 0 } as NameRow;
  const { change } = await steps.idle!(desk, idle);
  expect([change.step, change.reason]).toEqual(['idle', `the tenant acme is ${state}`]);
});
