import type { Operation } from '../http/route.ts';
import { absent, Problem } from '../problem.ts';
import { mostNodes } from '../serving/most-nodes.ts';
import { readFeed } from './contract.ts';
import { longPoll } from './long-poll.ts';
import { Permission } from './permission.ts';
import { FeedStream } from './stream.ts';

/** The operation with which agents read the feed of their fleet. */
export const feedRoutes = (): Operation[] => [
  {
    // This operation writes its response itself, as a stream or as a page, instead of returning an object for JSON.
    contract: readFeed as unknown as Operation['contract'],
    handle: async (ctx, { params, query }, request) => {
      const name = String(params.fleet);
      const { after, drains, wait = 0 } = query as { after?: number; drains?: number; wait?: number };
      const fleet = await ctx.store.fleets.find(name);
      if (!fleet) throw absent(`fleet ${name}`);
      const accept = request.headers.get('accept') ?? '*/*';
      const permission = () => new Permission(ctx.services, ctx.principal, request.headers.get('authorization'));
      if (accept.includes('application/x-ndjson')) {
        const leave = ctx.services.feeds.room(name).enter(mostNodes(ctx.services.settings, fleet));
        return {
          status: 200,
          headers: { 'content-type': 'application/x-ndjson', 'x-accel-buffering': 'no' },
          raw: FeedStream.open(ctx.services, { fleet: name }, after, {
            ...{ permission: permission(), leave },
          }),
        };
      }
      if (!/application\/(json|\*)|\*\/\*/.test(accept))
        throw new Problem('not-acceptable', { detail: 'this path offers application/x-ndjson and application/json' });
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        raw: await longPoll(ctx.services, fleet, { after, drains, wait, permission: permission() }),
      };
    },
  },
];
