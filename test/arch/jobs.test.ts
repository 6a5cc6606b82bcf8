import { expect, it } from 'vitest';
import { jobs } from '../../api/jobs/index.ts';

it('no two jobs have the same name: they would share a lease and a label of the metrics', () => {
  const names = jobs.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
});
