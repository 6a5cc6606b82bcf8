import { Interrupted } from './failure.ts';

/** npm and a shim pass on a Ctrl-C that the terminal has given us too; two within this time are one. */
const SAME_PRESS_MS = 1000;

/**
 * The first signal asks to stop in order, a later one at once.
 *
 * @returns what takes the handlers off again
 */
export function onSignals(stop: AbortController, force: () => void): () => void {
  let first = 0;
  const handle = () => {
    if (!first) {
      first = Date.now();
      stop.abort(new Interrupted('interrupted'));
    } else if (Date.now() - first > SAME_PRESS_MS) {
      force();
    }
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
