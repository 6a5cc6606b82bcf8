import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Program } from '../cli/process/child.ts';
import type { Milestone } from '../wire/milestones.ts';
import type { Processes } from './processes.ts';

/** Milliseconds of a clock that all processes of this machine share. */
export const clockMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

const traceFile = (folder: string, name: string): string => join(folder, `${name}.trace`);

type Run = Required<Pick<Program, 'command' | 'args' | 'env'>>;

/** The program, which records its milestones if `isTraced`. */
export function traced(name: string, program: Run, { folder, isTraced }: Processes): Run {
  if (!isTraced) return program;
  return {
    ...program,
    args: ['--import', import.meta.resolve('./trace-writer.ts'), ...program.args],
    env: { ...program.env, BENCH_TRACE: traceFile(folder, name) },
  };
}

/** When each tenant's changes reached which milestone. */
class Trace {
  readonly #times = new Map<string, number[]>();

  add(milestone: string, tenant: string, at: number): void {
    const key = `${milestone} ${tenant}`;
    const times = this.#times.get(key);
    if (times) times.push(at);
    else this.#times.set(key, [at]);
  }

  /** The first time from `from` on. */
  first(milestone: Milestone, tenant: string, from: number): number | undefined {
    return this.#times.get(`${milestone} ${tenant}`)?.find((at) => at >= from);
  }

  count(milestone: Milestone, tenant: string): number {
    return this.#times.get(`${milestone} ${tenant}`)?.length ?? 0;
  }
}

/** What API and agent have recorded so far. */
export async function readTrace(folder: string): Promise<Trace> {
  // After this pause, the last records have been flushed.
  await pause(200);
  const trace = new Trace();
  for (const name of ['api', 'agent']) {
    for (const line of readFileSync(traceFile(folder, name), 'utf8').trim().split('\n')) {
      const [at, milestone, tenant] = line.split(' ');
      trace.add(milestone!, tenant!, Number(at));
    }
  }
  return trace;
}
