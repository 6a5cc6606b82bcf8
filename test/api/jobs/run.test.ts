import { expect, test } from 'vitest';
import type { Job } from '../../../api/jobs/job.ts';
import { runIfDue } from '../../../api/jobs/run.ts';
import { schedule } from '../../../api/jobs/schedule.ts';
import { elsewhere } from '../engine.ts';
import { harness } from '../harness.ts';

const HOUR = 3_600_000;
const job = (run: Job['run'], interval = HOUR): Job => ({ name: 'counting', interval: () => interval, run });
const never = new AbortController().signal;

test('a job runs once per interval, however many ask, and the next run is an interval later', async ({ skip }) => {
  if (elsewhere) skip(elsewhere);
  const api = await harness();
  const { services } = api.app!;
  let now = Date.now();
  const at = { ...services, clock: () => now };
  let runs = 0;
  const counting = job(async () => void runs++);
  for (const expected of [1, 2, 3]) {
    await Promise.all(Array.from({ length: 10 }, () => runIfDue(counting, at, never)));
    expect(runs).toBe(expected);
    now += HOUR;
  }
  await api.close();
});

test('a failure is logged, counted and recorded, and the next run tries again', async ({ skip }) => {
  if (elsewhere) skip(elsewhere);
  const api = await harness();
  const { services } = api.app!;
  let now = Date.now();
  const at = { ...services, clock: () => now };
  let runs = 0;
  const failing = job(async () => {
    if (++runs < 3) throw new Error('the disk is full');
  });
  for (const [outcome, failures] of [
    ['failed', 1],
    ['failed', 2],
    ['succeeded', 0],
  ] as const) {
    await runIfDue(failing, at, never);
    const state = (await api.store.jobs.list()).find(({ name }) => name === 'counting');
    expect(state).toEqual({ name: 'counting', startedAt: now, finishedAt: now, failures });
    expect((await api.get('/metrics')).body).toMatch(
      new RegExp(`gatehouse_api_job_runs_total\\{job="counting",outcome="${outcome}"\\} [12]\\b`),
    );
    now += HOUR;
  }
  expect(api.logged().some((line) => line.includes('a job failed') && line.includes('the disk is full'))).toBe(true);
  await api.close();
});

test('when the process stops, it aborts a running job and waits for it', async ({ skip }) => {
  if (elsewhere) skip(elsewhere);
  const api = await harness();
  let begun = () => {};
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let ended = false;
  const long = job(async (_, signal) => {
    begun();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    ended = true;
  }, 10);
  const stop = schedule(api.app!.services, [long]);
  await running;
  await stop();
  expect(ended).toBe(true);
  await api.close();
});
