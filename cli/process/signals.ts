import { Interrupted } from './failure.ts';

/**
 * The time within which two signals count as one, in milliseconds. npm and `gatehouse.mjs` forward a Ctrl-C that the
 * terminal also sends to this process.
 */
const SAME_PRESS_MS = 1000;

/**
 * Handles signals: the first one requests an orderly stop, and a later one an immediate stop.
 *
 * @returns a function that removes the handlers
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
