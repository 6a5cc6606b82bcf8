import { type Ahead, type Behind, MOST_BEHIND } from '../../wire/feed.ts';

/** How far the agent has read the feed, for all of its clients. */
export interface ReadFeed {
  /** The number of the last event that the agent has read. */
  last: number;
  /** The tenants of events that are not applied yet, with the number up to which their events are. */
  waiting: readonly Behind[];
}

/**
 * Computes what a client serves beyond its live cursor.
 *
 * @param live the live cursor
 * @param unfinished the tenants with events that the client does not serve yet; undefined when it is unknown of which
 *   tenants they are
 * @returns undefined when the client may serve nothing beyond the cursor
 */
export function aheadOf(
  live: number,
  unfinished: readonly Behind[] | undefined,
  { last, waiting }: ReadFeed,
): Ahead | undefined {
  if (!unfinished || last <= live) return undefined;
  const tenants = new Map<string, number>();
  for (const { tenant, live: upTo } of [...unfinished, ...waiting])
    tenants.set(tenant, Math.min(tenants.get(tenant) ?? upTo, upTo));
  const behind = [...tenants].map(([tenant, upTo]) => ({ tenant, live: upTo })).sort((a, b) => a.live - b.live);
  // What comes after the first event of a tenant for which there is no room is left for a later report.
  const end = Math.min(last, behind[MOST_BEHIND]?.live ?? last);
  if (end <= live) return undefined;
  return { live: end, behind: behind.filter(({ live: upTo }) => upTo < end) };
}
