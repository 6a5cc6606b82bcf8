import type { FeedEvent } from '../../../wire/feed.ts';

/** Reads a feed stream line by line. */
export async function follow(api: { url: string }, path: string, token: string) {
  const stop = new AbortController();
  const response = await fetch(api.url + path, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' },
    signal: stop.signal,
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';

  async function line(): Promise<string> {
    for (;;) {
      const end = rest.indexOf('\n');
      if (end >= 0) {
        const found = rest.slice(0, end);
        rest = rest.slice(end + 1);
        return found;
      }
      const { done, value } = await reader.read();
      if (done) throw new Error('the stream ended');
      rest += value;
    }
  }

  return {
    /** Everything up to and including the first event that is looked for. */
    async until(found: (event: FeedEvent) => boolean): Promise<FeedEvent[]> {
      const events: FeedEvent[] = [];
      for (;;) {
        const text = await line();
        if (text === '') continue;
        const event = JSON.parse(text) as FeedEvent;
        events.push(event);
        if (found(event)) return events;
      }
    },
    async heartbeat(): Promise<void> {
      while ((await line()) !== '') {}
    },
    /** Resolves when the server ends it. */
    async ended(): Promise<void> {
      while (!(await reader.read()).done) {}
    },
    close: () => stop.abort(),
  };
}
