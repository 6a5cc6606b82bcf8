import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { wholeNumber } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import { AGENTS } from '../http/tags.ts';

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
  tag: AGENTS,
  summary: 'Read the feed of a fleet',
  params: z.object({ fleet: Name }),
  description:
    'With `Accept: application/x-ndjson`, the response is a stream with one event per line and blank lines as heartbeats. Otherwise it is one page, after at most `wait` seconds. ' +
    'Without `after`, or with a cursor that is too old, the response starts with a snapshot.',
  query: z.strictObject({
    after: wholeNumber(
      0,
      Number.MAX_SAFE_INTEGER,
      'Cursor: the last sequence number that the agent has applied.',
    ).optional(),
    drains: wholeNumber(
      0,
      Number.MAX_SAFE_INTEGER,
      '`drains` of the last `fleet` event. The page does not wait when other nodes are drained now. Not used for streams.',
    ).optional(),
    wait: wholeNumber(0, 60, 'Seconds to wait for a new event. Not used for streams.').optional(),
  }),
  problems: ['not-acceptable'],
  answers: {
    200: {
      description: 'With `Accept: application/x-ndjson`, a stream of events. Otherwise one page of events.',
      body: FeedPage,
    },
  },
});
