import type { ListenerRejection } from '../../../wire/feed.ts';
import { parseListenerName } from '../../compile/index.ts';
import type { Log } from '../../log.ts';

/** The pause before the first retry, in milliseconds. It doubles with each retry, up to the longest. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

export interface ListenerRejectionsOptions {
  node: string;
  log: Log;
  /** Sends the listener again. */
  retry: (name: string) => void;
  /** Called when the list that `all` returns has changed. */
  changed: () => void;
}

/**
 * The listeners that one Envoy rejected. The usual reason is that Envoy cannot bind the port. Envoy does not report
 * when the port becomes free, so the agent resends each listener until Envoy accepts it. Meanwhile Envoy keeps its
 * other listeners and the earlier version of the rejected one.
 */
export class ListenerRejections {
  readonly #options: ListenerRejectionsOptions;
  readonly #rejected = new Map<string, { message: string; pause: number; timer: NodeJS.Timeout }>();

  constructor(options: ListenerRejectionsOptions) {
    this.#options = options;
  }

  get all(): ListenerRejection[] {
    return [...this.#rejected].map(([listener, { message }]) => {
      const port = parseListenerName(listener)?.port;
      return { listener, ...(port !== undefined && { port }), message };
    });
  }

  get names(): Iterable<string> {
    return this.#rejected.keys();
  }

  add(name: string, message: string): void {
    const { node, log, changed, retry } = this.#options;
    const before = this.#rejected.get(name);
    clearTimeout(before?.timer);
    const pause = before ? Math.min(before.pause * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    const timer = setTimeout(() => retry(name), pause);
    timer.unref();
    this.#rejected.set(name, { message, pause, timer });
    if (before?.message === message) return;
    log.warn(
      { node, listener: name, message },
      'Envoy rejected a listener; the agent resends it until Envoy accepts it',
    );
    changed();
  }

  /** Ends the retries of a listener that Envoy accepted, or that the fleet no longer has. */
  remove(name: string): void {
    const { node, log, changed } = this.#options;
    const rejected = this.#rejected.get(name);
    if (!rejected) return;
    clearTimeout(rejected.timer);
    this.#rejected.delete(name);
    log.info({ node, listener: name }, 'Envoy accepted the listener');
    changed();
  }

  close(): void {
    for (const { timer } of this.#rejected.values()) clearTimeout(timer);
  }
}
