import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { whole } from '../http/paging.ts';
import { contract } from '../http/route.ts';

const FeedPage = z
  .object({
    events: z.array(
      z
        .object({ type: z.enum(['fleet', 'snapshot', 'tenant', 'leave', 'snapshot-end']) })
        .catchall(z.unknown())
        .meta({ id: 'FeedEvent' }),
    ),
    cursor: z.int(),
  })
  .meta({ id: 'FeedPage' });

export const readFeed = contract({
  method: 'get',
  path: '/v1/fleets/{fleet}/feed',
  access: 'fleet:agent',
  operationId: 'readFeed',
  tag: 'Agents',
  summary: 'What a fleet serves, as it changes',
  params: z.object({ fleet: Name }),
  description:
    'With `Accept: application/x-ndjson` a stream of events, one a line, blank lines as heartbeats. Otherwise one page, after at most `wait` seconds. ' +
    'Without `after`, or with one that is too old, it starts with a snapshot.',
  query: z.strictObject({
    after: whole(0, Number.MAX_SAFE_INTEGER, 'Cursor: the sequence number last applied.').optional(),
    wait: whole(0, 60, 'Seconds to wait for something new; not for streams.').optional(),
  }),
  problems: ['not-acceptable'],
  answers: { 200: { description: 'A page of events; or a stream of them.', body: FeedPage } },
});
