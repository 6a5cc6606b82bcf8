import { AT_ONCE, pages, repeat } from './batches.ts';
import type { Job } from './job.ts';

/** Keeps the last rows of each fleet's feed. An agent further behind takes a snapshot, which then costs it less. */
export const pruneFeeds: Job = {
  name: 'prune-feeds',
  interval: ({ feedPrune }) => feedPrune,
  async run({ store, settings: { feedKeep } }, signal) {
    const fleets = pages(
      (at) => store.fleets.list(at),
      ({ name }) => name,
    );
    for await (const { name } of fleets) await repeat(signal, () => store.retention.pruneFeed(name, feedKeep, AT_ONCE));
  },
};
