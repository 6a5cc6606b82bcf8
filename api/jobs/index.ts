import type { Job } from './job.ts';
import { pruneFeeds } from './prune-feeds.ts';
import { pruneHistory } from './prune-history.ts';

/** All jobs. On Node timers run them, and on Workers a cron trigger. */
export const jobs: readonly Job[] = [pruneFeeds, pruneHistory];
