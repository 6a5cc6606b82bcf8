import type { Job } from './job.ts';
import { pruneFeeds } from './prune-feeds.ts';
import { pruneHistory } from './prune-history.ts';

/** Every job. Both entry points, Node's timers and the Worker's cron, run this list. */
export const jobs: readonly Job[] = [pruneFeeds, pruneHistory];
