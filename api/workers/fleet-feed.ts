import type { App } from '../app.ts';
import type { Topic } from '../store/news.ts';
import { composeApp, workerSettings } from './compose.ts';
import { WAKE } from './news.ts';
import { respond } from './respond.ts';

/** The part of a Durable Object's state that is used. */
interface State {
  blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * The streams of one fleet's agents, all in one object: one read of the feed serves them all, and every commit wakes
 * them at once.
 *
 * It stores nothing: the feed is in the database, and each agent has its cursor. After an eviction, the first agent
 * that reconnects creates the object again.
 */
export class FleetFeed {
  readonly #listeners: ((topic: Topic | undefined) => void)[] = [];
  readonly #app: Promise<App>;

  constructor(state: State) {
    this.#app = state.blockConcurrencyWhile(() =>
      composeApp(workerSettings(), { tell: () => {}, listen: (listener) => void this.#listeners.push(listener) }),
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
