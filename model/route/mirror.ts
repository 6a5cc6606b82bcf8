import { z } from 'zod';
import { Percentage } from '../values/percentage.ts';
import { Destination } from './destination.ts';

/** A destination that receives copies of the requests of a rule. */
export const Mirror = z
  .strictObject({
    destination: Destination,
    percentage: Percentage.optional().describe('The share of the requests that are copied. Default: 100, all of them.'),
  })
  .meta({
    id: 'Mirror',
    description:
      'Copies requests to a second upstream, as the first upstream receives them: with the rewritten path, the changed headers and the same Host. The gateway ignores the responses to the copies. The client notices nothing when the upstream of a copy is dead or answers late. An upload waits when the upstream reads its copy more slowly than the client sends; after a second without progress, the copy ends and the upload goes on. A copy ends after 10 seconds, also with HTTP/2. Each Envoy sends at most 256 copies at a time to a mirror, and drops others. A copy is not retried. The upstream of a mirror cannot have `dns: logical`.',
    example: { destination: { upstream: 'reviews', subset: 'v3' }, percentage: 5 },
  });
export type Mirror = z.infer<typeof Mirror>;
