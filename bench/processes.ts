import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Child, type Program } from '../cli/process/child.ts';
import { compileCache } from '../cli/process/compile-cache.ts';
import { projectFile } from '../cli/process/project-file.ts';
import { watchdog } from '../cli/process/watchdog.ts';

const GRACE_MS = 5000;

/** All processes that a run starts. They end with the run, whether it succeeds or fails. */
export class Processes {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Whether API and agent record when each change passes each milestone. */
  isTraced = false;
  readonly #children = new Set<Child>();
  readonly #guard = watchdog();
  readonly #last: (() => Promise<void>)[] = [];

  constructor(folder: string, signal: AbortSignal) {
    this.folder = folder;
    this.signal = signal;
    mkdirSync(folder, { recursive: true });
  }

  start(program: Omit<Program, 'log'>): Child {
    this.signal.throwIfAborted();
    const child = new Child({ ...program, log: join(this.folder, `${program.name}.log`) }, this.#guard);
    this.#children.add(child);
    void child.exited.then(() => this.#children.delete(child));
    return child;
  }

  /** One of this project's programs, run as `gatehouse up` runs them. */
  startNode(name: string, file: string, env: Record<string, string>): Child {
    const args = [projectFile(file)];
    const cache = compileCache(process.env, join(this.folder, 'compiled'));
    return this.start({ name, command: process.execPath, args, env: { ...cache, ...env } });
  }

  /** Registers a function that is called after all processes have stopped. */
  atEnd(work: () => Promise<void>): void {
    this.#last.push(work);
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#children].map((child) => child.stop(GRACE_MS)));
    for (const work of this.#last) await work();
    this.#guard.release();
  }
}

export const stop = (child: Child): Promise<void> => child.stop(GRACE_MS);

/**
 * Repeats an attempt every millisecond until it succeeds. A longer pause would show in the measured times.
 *
 * @throws Error after `seconds`, or as soon as the child that should respond has ended
 */
export async function until<T>(
  what: string,
  attempt: () => Promise<T | undefined> | T | undefined,
  { child, signal, seconds = 60 }: { child?: Child; signal?: AbortSignal; seconds?: number },
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  let ended = false;
  void child?.exited.then(() => (ended = true));
  let last: unknown;
  while (performance.now() < deadline && !ended) {
    signal?.throwIfAborted();
    try {
      const found = await attempt();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    await pause(1);
  }
  const why = last instanceof Error ? ` (${last.message})` : '';
  const lines = child ? `\n${child.lastLines.join('\n')}` : '';
  throw new Error(`${what}: ${ended ? 'the process ended' : `not within ${seconds} s`}${why}${lines}`);
}
