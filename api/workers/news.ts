import { waitUntil } from 'cloudflare:workers';
import type { Log } from '../context.ts';
import type { News, Topic } from '../store/news.ts';

/** The binding of a Durable Object class. https://developers.cloudflare.com/durable-objects/api/namespace/ */
export interface Namespace {
  getByName(name: string): { fetch(request: Request): Promise<Response> };
}

/** The topics that concern one fleet's streams: new feed events, and changes of the tokens that may read the feed. */
const OF_FLEET = /^(?:feed|tokens)\/(.+)$/;
export const WAKE = 'https://feed.internal/wake';

/**
 * Notifies the Durable Object that has the fleet's streams of a commit or a revocation. Isolates get no notices. They
 * reload their caches within seconds, and the guards of each commit reject what an outdated cache allowed.
 */
export function workersNews(feeds: Namespace, log: Log): News {
  const wake = (fleet: string, topics: Topic[]) =>
    feeds
      .getByName(fleet)
      .fetch(new Request(WAKE, { method: 'POST', body: JSON.stringify(topics) }))
      .then(
        () => {},
        // If a notice is lost, the object finds the change at its next poll or heartbeat.
        (err: unknown) => log.warn({ fleet, err }, 'the feed was not woken'),
      );
  return {
    notify(...topics: Topic[]) {
      const fleets = Map.groupBy(topics, (topic) => OF_FLEET.exec(topic)?.[1]);
      for (const [fleet, about] of fleets) if (fleet !== undefined) waitUntil(wake(fleet, about));
    },
    listen() {},
  };
}
