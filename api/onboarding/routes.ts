import { type Operation, operation } from '../http/route.ts';
import { settled } from '../publishing/attempt.ts';
import { afterOutcome, outcomeReply } from '../status/answer.ts';
import { quickstart as contract } from './contract.ts';
import { quickstart } from './quickstart.ts';

export const onboardingRoutes = (): Operation[] => [
  operation(
    contract,
    async (ctx, { params: { tenant }, query, body }) => {
      const reply = outcomeReply(tenant);
      return reply(await settled(ctx, { tenant, ...query }, (at) => quickstart(at, { tenant, ...body }, reply)));
    },
    afterOutcome,
  ),
];
