import { everyItem } from '../every-item.ts';
import { AT_ONCE, repeat } from './batches.ts';
import type { Job } from './job.ts';

/**
 * Deletes old rows of each fleet's feed, and keeps the last `feedKeep` rows. An agent that is further behind gets a
 * snapshot, which costs it less than that many events.
 */
export const pruneFeeds: Job = {
  name: 'prune-feeds',
  interval: ({ feedPrune }) => feedPrune,
  async run({ store, settings: { feedKeep } }, signal) {
    const fleets = everyItem(
      (at) => store.fleets.list(at),
      ({ name }) => name,
    );
    for await (const { name } of fleets) await repeat(signal, () => store.retention.pruneFeed(name, feedKeep, AT_ONCE));
  },
};
