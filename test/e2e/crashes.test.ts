import { expect, it } from 'vitest';
import { crashes } from '../drill/crashes/run.ts';

it('when API, agent and Envoy are killed in turn during writes, no data is lost, mixed up or misreported', async () => {
  // For longer, and on PostgreSQL with two processes: `npm run drill -- crashes`.
  const { faults, acknowledged } = await crashes({ engine: 'sqlite', seconds: 15, seed: 1, progress: () => {} });
  expect(faults).toEqual([]);
  expect(acknowledged).toBeGreaterThan(0);
});
