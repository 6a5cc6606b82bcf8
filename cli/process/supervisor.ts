import { Child, type Exit, type Program } from './child.ts';
import { Failure, Interrupted } from './failure.ts';
import { watchdog } from './watchdog.ts';

const GRACE_MS = 5000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/**
 * The time after which a running child counts as recovered, in milliseconds. After its next exit, the pause before the
 * restart is again the shortest.
 */
const STEADY_MS = 30_000;

interface Watched {
  program: Program;
  /** Whether the child was ever ready. An exit before that is a failure to start. */
  ready: boolean;
  child: Child;
  falls: number;
}

/** Starts the children of `up`, restarts each one that ends, and stops them all. */
export class Supervisor {
  readonly #watched: Watched[] = [];
  readonly #guard = watchdog();
  readonly #say: (line: string) => void;
  readonly #fail: (failure: Failure) => void;
  #stopping = false;

  /** @param fail called when a child exits before it was ready */
  constructor(say: (line: string) => void, fail: (failure: Failure) => void) {
    this.#say = say;
    this.#fail = fail;
  }

  /** @throws Interrupted after `stop`, because nothing would stop a child that is started later */
  start(program: Program): { ready(): void; lastLines(): string[] } {
    if (this.#stopping) throw new Interrupted('interrupted');
    const others = Object.entries(program.env ?? {}).filter(([name, value]) => (process.env[name] ?? value) !== value);
    for (const [name] of others)
      this.#say(`! ${name} of the environment is not used: ${program.name} gets another value`);
    const watched: Watched = { program, ready: false, falls: 0, child: new Child(program, this.#guard) };
    this.#watched.push(watched);
    void this.#watch(watched);
    return {
      ready: () => {
        watched.ready = true;
      },
      lastLines: () => watched.child.lastLines,
    };
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    // The children stop in the reverse order of their start: Envoy stops before the programs on which it depends.
    await Promise.all(this.#watched.toReversed().map(({ child }) => child.stop(GRACE_MS)));
    this.#guard.release();
  }

  /** Kills all children immediately, for a second Ctrl-C. */
  kill(): void {
    this.#stopping = true;
    for (const { child } of this.#watched) void child.stop(0);
  }

  async #watch(watched: Watched): Promise<void> {
    while (!this.#stopping) {
      const since = Date.now();
      const exit = await watched.child.exited;
      if (this.#stopping) return;
      const { program, child } = watched;
      if (!watched.ready) {
        this.#fail(
          new Failure(`${program.name} did not start: ${reason(exit)}. Its log: ${program.log}`, child.lastLines),
        );
        return;
      }
      watched.falls = Date.now() - since > STEADY_MS ? 1 : watched.falls + 1;
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** (watched.falls - 1), LONGEST_PAUSE_MS);
      this.#say(`! ${program.name} ended: ${reason(exit)}; starting it again. Its log: ${program.log}.old`);
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (!this.#stopping) watched.child = new Child(program, this.#guard);
    }
  }
}

function reason({ code, signal }: Exit): string {
  return signal ? `killed by ${signal}` : `exit code ${code}`;
}
