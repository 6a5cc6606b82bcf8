import type { Milestone } from '../wire/milestones.ts';
import { type Quantiles, quantiles } from './statistics.ts';
import { readTrace } from './trace.ts';

/** One change: when it was sent, and when a visitor saw it, by the clock that all processes share. */
export interface Journey {
  tenant: string;
  sent: number;
  seen: number;
}

/**
 * Each stage ends at its milestone and begins at the end of the previous stage. The last stage ends when a visitor sees
 * the change.
 */
const STAGES: readonly [stage: string, end: Milestone | 'seen'][] = [
  ['request', 'received'],
  ['auth', 'authenticated'],
  ['parse', 'parsed'],
  ['check', 'checked'],
  ['commit', 'committed'],
  ['wake', 'sent'],
  ['pull', 'pulled'],
  ['store', 'stored'],
  ['compile', 'compiled'],
  ['encode', 'encoded'],
  ['push', 'pushed'],
  ['envoy', 'seen'],
];

export type Breakdown = Record<string, Quantiles>;

/** Reads what API and agent recorded. Changes happen one at a time, so their times distinguish those of one tenant. */
export async function breakdown(folder: string, journeys: readonly Journey[]): Promise<Breakdown> {
  const trace = await readTrace(folder);
  const took = STAGES.map(([stage]) => ({ stage, samples: [] as number[] }));
  for (const { tenant, sent, seen } of journeys) {
    let since = sent;
    for (const [index, [, end]] of STAGES.entries()) {
      const at = end === 'seen' ? seen : trace.first(end, tenant, sent);
      if (at === undefined) continue;
      // A busy agent may record `pushed` after the visitor has already seen the change.
      const ended = Math.min(at, seen);
      took[index]!.samples.push(ended - since);
      since = ended;
    }
  }
  return Object.fromEntries(took.map(({ stage, samples }) => [stage, quantiles(samples)]));
}
