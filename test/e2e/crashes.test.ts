import { expect, it } from 'vitest';
import { crashes } from '../drill/crashes/run.ts';

it('killed in turn under writers and refused requests, API, agent and Envoy lose, mix up and misreport nothing', async () => {
  // For longer, and on PostgreSQL with two processes: `npm run drill -- crashes`.
  const { faults, acknowledged } = await crashes({ engine: 'sqlite', seconds: 15, seed: 1, progress: () => {} });
  expect(faults).toEqual([]);
  expect(acknowledged).toBeGreaterThan(0);
});
