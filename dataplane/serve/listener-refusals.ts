import type { ListenerRejection } from '../../wire/feed.ts';
import { portOfListener } from '../compile/index.ts';

/** A port that is taken is asked for again after this long, then twice as long, up to the longest. Milliseconds. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

export interface ListenerRefusalsOptions {
  /** Sends the listener again. */
  retry: (name: string) => void;
  /** Called when what `all` returns has changed. */
  changed: () => void;
}

/**
 * The listeners that one Envoy refused, nearly always because it cannot bind their port. Nothing reports when whoever holds the port leaves it, so
 * each one is sent again until Envoy takes it. Envoy keeps its other listeners, and the version of this one that it had before.
 */
export class ListenerRefusals {
  readonly #options: ListenerRefusalsOptions;
  readonly #refused = new Map<string, { message: string; pause: number; timer: NodeJS.Timeout }>();

  constructor(options: ListenerRefusalsOptions) {
    this.#options = options;
  }

  get all(): ListenerRejection[] {
    return [...this.#refused].map(([listener, { message }]) => {
      const port = portOfListener(listener);
      return { listener, ...(port !== undefined && { port }), message };
    });
  }

  get names(): Iterable<string> {
    return this.#refused.keys();
  }

  /** @returns false when Envoy had said so before */
  add(name: string, message: string): boolean {
    const before = this.#refused.get(name);
    clearTimeout(before?.timer);
    const pause = before ? Math.min(before.pause * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    const timer = setTimeout(() => this.#options.retry(name), pause);
    timer.unref();
    this.#refused.set(name, { message, pause, timer });
    if (before?.message === message) return false;
    this.#options.changed();
    return true;
  }

  /**
   * Envoy has taken the listener, or the fleet has it no more.
   *
   * @returns false when it was not refused before
   */
  remove(name: string): boolean {
    const refused = this.#refused.get(name);
    if (!refused) return false;
    clearTimeout(refused.timer);
    this.#refused.delete(name);
    this.#options.changed();
    return true;
  }

  close(): void {
    for (const { timer } of this.#refused.values()) clearTimeout(timer);
  }
}
