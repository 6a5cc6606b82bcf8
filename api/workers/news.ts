import { waitUntil } from 'cloudflare:workers';
import type { Log } from '../context.ts';
import type { News, Topic } from '../store/port.ts';

/** The binding of a Durable Object class. https://developers.cloudflare.com/durable-objects/api/namespace/ */
export interface Namespace {
  getByName(name: string): { fetch(request: Request): Promise<Response> };
}

const FEED = 'feed/';
export const WAKE = 'https://feed.internal/wake';

/**
 * Word of a commit, to the object that holds the fleet's streams. Isolates hear of nothing: what they remember they look at again within
 * seconds, and every commit is judged by its own guards.
 */
export function workersNews(feeds: Namespace, log: Log): News {
  const wake = (fleet: string) =>
    feeds
      .getByName(fleet)
      .fetch(new Request(WAKE, { method: 'POST' }))
      .then(
        () => {},
        // Its own poll finds what it was not told of.
        (err: unknown) => log.warn({ fleet, err }, 'the feed was not woken'),
      );
  return {
    tell(...topics: Topic[]) {
      for (const topic of topics) if (topic.startsWith(FEED)) waitUntil(wake(topic.slice(FEED.length)));
    },
    listen() {},
  };
}
