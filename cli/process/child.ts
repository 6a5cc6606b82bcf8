import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, renameSync, type WriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Guard } from './watchdog.ts';

export interface Program {
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** The file for the output of the child. The log of the previous start is kept beside it as `.old`. */
  log: string;
  /** Called before each start. */
  before?: () => void;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const REMEMBERED_LINES = 20;

/**
 * A shell script that runs its arguments as a command once it has read a line. The line comes when the guard knows the
 * process, so a process of which the guard knows nothing runs nothing, even if this program is killed meanwhile.
 */
const GATE = 'read -r line <&3 && exec "$@" 3<&-';

/**
 * One process in its own process group, so that a Ctrl-C in the terminal reaches only this program. If the child is
 * stopped, every process that it started is stopped too.
 */
export class Child {
  readonly program: Program;
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];

  constructor(program: Program, guard: Guard) {
    this.program = program;
    program.before?.();
    const log = openLog(program.log);
    this.#process = spawn('/bin/sh', ['-c', GATE, 'sh', program.command, ...program.args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...program.env },
    });
    if (this.pid !== undefined) guard.add(this.pid);
    const gate = this.#process.stdio[3] as Writable | null | undefined;
    // The process may have been killed before it has read the line.
    gate?.on('error', () => {});
    gate?.end('\n');
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => this.#keep(text, log));
    }
    this.exited = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#keep(`${error.message}\n`, log);
        log.end();
        resolve({ code: 127, signal: null });
      });
      // `close`, not `exit`, because the last lines of output must have been read.
      this.#process.once('close', (code, signal) => {
        log.end();
        resolve({ code, signal });
      });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get lastLines(): string[] {
    return this.#lines.slice();
  }

  /** Sends SIGTERM to the whole group, and SIGKILL after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(timer);
    // Processes that the child started may still run.
    this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // ESRCH: the group has ended.
    }
  }

  #partial = '';

  #keep(text: string, log: WriteStream): void {
    log.write(text);
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    this.#lines.push(...lines.filter((line) => line.trim() !== ''));
    this.#lines.splice(0, this.#lines.length - REMEMBERED_LINES);
  }
}

function openLog(file: string): WriteStream {
  if (existsSync(file)) renameSync(file, `${file}.old`);
  const stream = createWriteStream(file, { mode: 0o600 });
  // A full disk must not stop Envoy.
  stream.on('error', () => {});
  return stream;
}
