import type { App } from '../app.ts';
import type { Topic } from '../store/news.ts';
import { composeApp, workerSettings } from './compose.ts';
import { WAKE } from './news.ts';
import { respond } from './respond.ts';

/** The part of a Durable Object's state that this class uses. */
interface State {
  blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * The Durable Object that has the feed streams of all agents of one fleet. One read of the feed serves all streams, and
 * every commit wakes all of them at once.
 *
 * The object stores nothing. The feed is in the database, and each agent keeps its own cursor. If Cloudflare evicts the
 * object, the first agent that reconnects creates it again.
 */
export class FleetFeed {
  readonly #listeners: ((topic: Topic | undefined) => void)[] = [];
  readonly #app: Promise<App>;

  constructor(state: State) {
    this.#app = state.blockConcurrencyWhile(() =>
      composeApp(workerSettings(), { notify: () => {}, listen: (listener) => void this.#listeners.push(listener) }),
    );
  }

  async fetch(request: Request): Promise<Response> {
    if (request.url === WAKE) {
      for (const topic of (await request.json()) as Topic[]) for (const listener of this.#listeners) listener(topic);
      return new Response(null, { status: 204 });
    }
    return respond(await this.#app, request);
  }
}
