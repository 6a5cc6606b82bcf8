import { Interrupted } from './failure.ts';

/** npm and the shim forward a Ctrl-C that the terminal also sent to this process; two within this time count as one. */
const SAME_PRESS_MS = 1000;

/**
 * The first signal asks for an orderly stop, a later one for an immediate stop.
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
