import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Milestone } from '../wire/milestones.ts';
import { type Quantiles, quantiles } from './statistics.ts';
import { traceFile } from './trace.ts';

/** One change: when it was sent, and when a visitor saw it, by the clock that all processes share. */
export interface Journey {
  tenant: string;
  sent: number;
  seen: number;
}

/** Each stage ends at its milestone and begins where the one before ended; the last ends when a visitor sees the change. */
const STAGES: readonly [stage: string, end: Milestone | 'seen'][] = [
  ['request', 'received'],
  ['auth', 'authenticated'],
  ['parse', 'parsed'],
  ['check', 'checked'],
  ['commit', 'committed'],
  ['wake', 'told'],
  ['pull', 'pulled'],
  ['store', 'stored'],
  ['compile', 'compiled'],
  ['encode', 'encoded'],
  ['push', 'pushed'],
  ['envoy', 'seen'],
];

export type Breakdown = Record<string, Quantiles>;

/** Reads what API and agent wrote down. Changes are made one at a time, so those of a tenant are told apart by when they were. */
export async function breakdown(folder: string, journeys: readonly Journey[]): Promise<Breakdown> {
  // What is written last is flushed within this.
  await pause(200);
  const passed = new Map<string, number[]>();
  for (const name of ['api', 'agent']) {
    for (const line of readFileSync(traceFile(folder, name), 'utf8').trim().split('\n')) {
      const [at, milestone, tenant] = line.split(' ');
      const key = `${milestone} ${tenant}`;
      const times = passed.get(key);
      if (times) times.push(Number(at));
      else passed.set(key, [Number(at)]);
    }
  }
  const took = STAGES.map(([stage]) => ({ stage, samples: [] as number[] }));
  for (const { tenant, sent, seen } of journeys) {
    let since = sent;
    for (const [index, [, end]] of STAGES.entries()) {
      const at = end === 'seen' ? seen : passed.get(`${end} ${tenant}`)?.find((time) => time >= sent && time <= seen);
      if (at === undefined) continue;
      took[index]!.samples.push(at - since);
      since = at;
    }
  }
  return Object.fromEntries(took.map(({ stage, samples }) => [stage, quantiles(samples)]));
}
