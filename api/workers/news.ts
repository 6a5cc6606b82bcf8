import { waitUntil } from 'cloudflare:workers';
import type { Log } from '../context.ts';
import type { News, Topic } from '../store/news.ts';

/** The binding of a Durable Object class. https://developers.cloudflare.com/durable-objects/api/namespace/ */
export interface Namespace {
  getByName(name: string): { fetch(request: Request): Promise<Response> };
}

/** Topics that are about what a fleet's streams are sent, and about who may have them. */
const OF_FLEET = /^(?:feed|tokens)\/(.+)$/;
export const WAKE = 'https://feed.internal/wake';

/**
 * Word of a commit or of a revocation, to the object that holds the fleet's streams. Isolates hear of nothing: what
 * they remember they look at again within seconds, and every commit is judged by its own guards.
 */
export function workersNews(feeds: Namespace, log: Log): News {
  const wake = (fleet: string, topics: Topic[]) =>
    feeds
      .getByName(fleet)
      .fetch(new Request(WAKE, { method: 'POST', body: JSON.stringify(topics) }))
      .then(
        () => {},
        // Its own poll and its heartbeats find what it was not told of.
        (err: unknown) => log.warn({ fleet, err }, 'the feed was not woken'),
      );
  return {
    tell(...topics: Topic[]) {
      const fleets = Map.groupBy(topics, (topic) => OF_FLEET.exec(topic)?.[1]);
      for (const [fleet, about] of fleets) if (fleet !== undefined) waitUntil(wake(fleet, about));
    },
    listen() {},
  };
}
