import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** A process of the project that a test starts, kills and restarts. */
export class Process {
  readonly #file: string;
  readonly #env: Record<string, string>;
  readonly #via: readonly string[];
  #child: ChildProcess | undefined;
  #output = '';

  /** @param via a command that runs the process, such as `['ip', 'netns', 'exec', name]` */
  constructor(file: string, env: Record<string, string>, via: readonly string[] = []) {
    this.#file = file;
    this.#env = env;
    this.#via = via;
  }

  /** Everything it wrote since its last start. */
  get output(): string {
    return this.#output;
  }

  start(): void {
    this.#output = '';
    const [command, ...args] = [...this.#via, process.execPath, join(ROOT, this.#file)];
    const child = spawn(command!, args, {
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        GATEHOUSE_DOMAIN_PROOF: 'optional',
        GATEHOUSE_DELETION_GRACE_DAYS: '0',
        ...this.#env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const take = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-1_000_000);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    this.#child = child;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const last = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(last);
  }

  /** The id of the process. */
  get pid(): number {
    return this.#child!.pid!;
  }

  get hasEnded(): boolean {
    return this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** Repeats a check until its result is truthy. The error after the time-out names the awaited condition. */
export async function until<T>(what: string, ask: () => Promise<T> | T, ms = 60_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + ms;
  for (let last: unknown; ; ) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms in vain for ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
