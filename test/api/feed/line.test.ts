import { expect, test } from 'vitest';
import { encodeEvent } from '../../../api/feed/encode.ts';
import type { FeedEvent } from '../../../wire/feed.ts';

test('other work runs while the line of a very large tenant is written, which says all of it', async () => {
  let writes = 0;
  const puts = Array.from({ length: 40_000 }, (_, i) => ({
    kind: 'upstream' as const,
    name: `u${i}`,
    spec: {
      port: 80,
      endpoints: [{ address: '192.0.2.1' }],
      toJSON: () => {
        writes++;
        return { port: 80, endpoints: Array.from({ length: 20 }, () => ({ address: '192.0.2.1' })) };
      },
    },
  }));
  const place = { seq: 7, tenant: 'acme', base: 0, revision: 3, committedAt: 1 };
  const event: FeedEvent = { type: 'tenant', ...place, puts, deletes: [{ kind: 'route', name: 'gone' }] };
  let largest = 0;
  const look = () => {
    largest = Math.max(largest, writes);
    writes = 0;
  };
  const looking = setInterval(look, 0);
  const bytes = await encodeEvent(event);
  clearInterval(looking);
  look();
  expect(largest).toBeLessThan(20_000);
  const { puts: written, ...rest } = JSON.parse(new TextDecoder().decode(bytes));
  expect(rest).toEqual({ type: 'tenant', ...place, deletes: event.deletes });
  expect([written.length, written.at(-1).name]).toEqual([40_000, 'u39999']);
  expect(bytes.at(-1)).toBe(10);
});
