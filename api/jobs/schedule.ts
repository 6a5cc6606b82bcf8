import type { Log } from '../context.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store/store.ts';
import { pruneFeeds, pruneHistory } from './prune.ts';

/** Forgets what is no longer kept, again and again, until it is told to stop. @returns stops it, once the batch under way is done */
export function keepPruning(store: Store, settings: Settings, log: Log): () => Promise<void> {
  const stop = new AbortController();
  const loops = [
    every(settings.feedPrune, () => pruneFeeds(store, settings, stop.signal)),
    every(settings.retention, () => pruneHistory(store, settings, Date.now(), stop.signal)),
  ];
  return async () => {
    stop.abort();
    await Promise.all(loops.map((end) => end()));
  };

  function every(pause: number, work: () => Promise<void>): () => Promise<void> {
    let running: Promise<void> | undefined;
    const timer = setInterval(() => {
      running ??= work()
        .catch((err: unknown) => log.warn({ err }, 'what is no longer kept was not all deleted'))
        .finally(() => (running = undefined));
    }, pause);
    return async () => {
      clearInterval(timer);
      await running;
    };
  }
}
