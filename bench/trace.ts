import { join } from 'node:path';
import type { Program } from '../cli/up/child.ts';
import type { Processes } from './processes.ts';

/** Milliseconds of a clock that all processes of this machine share. */
export const clockMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

export const traceFile = (folder: string, name: string): string => join(folder, `${name}.trace`);

type Run = Required<Pick<Program, 'command' | 'args' | 'env'>>;

/** The program, which writes down its milestones if that was asked for. */
export function traced(name: string, program: Run, { folder, isTraced }: Processes): Run {
  if (!isTraced) return program;
  return {
    ...program,
    args: ['--import', import.meta.resolve('./trace-writer.ts'), ...program.args],
    env: { ...program.env, BENCH_TRACE: traceFile(folder, name) },
  };
}
