import { z } from 'zod';
import { exactlyOne } from '../values/exactly-one.ts';
import { Name } from '../values/name.ts';
import { ReferenceText } from '../values/reference.ts';
import { sparse } from '../values/sparse.ts';
import { DirectResponse } from './direct-response.ts';
import { HeadersOfBoth } from './header-changes.ts';
import { Rewrite } from './rewrite.ts';

/** The destination of a request: an upstream, or one subset of it. */
export const Destination = sparse
  .strictObject({
    upstream: ReferenceText,
    subset: Name.optional(),
    port: z.int().min(1).max(65535).optional().describe('Must equal the port of the upstream.'),
  })
  .meta({ id: 'Destination', example: { upstream: 'reviews', subset: 'v1', port: 9080 } });

export type Destination = z.infer<typeof Destination>;

/** The purpose of a destination: it serves requests, it receives copies of requests, or a policy calls it. */
export type DestinationUse = 'route' | 'mirror' | 'policy';

const Weight = z
  .int()
  .min(0)
  .max(1_000_000)
  .optional()
  .describe(
    'Share of the traffic among the entries of the rule: one of weight 0 receives none. Required when there are several. The weights of a rule must not sum to 0.',
  );

/** A destination with its share of a rule's connections. */
export const ConnectionDestination = sparse
  .strictObject({ destination: Destination, weight: Weight })
  .meta({ id: 'ConnectionDestination' });

/** A destination or a direct response with its share of a rule's requests. */
export const WeightedDestination = sparse
  .strictObject(
    {
      destination: Destination.optional(),
      directResponse: DirectResponse.optional().describe(
        'Answers the share instead of a destination, for example the share of a backend that does not exist.',
      ),
      weight: Weight,
      rewrite: Rewrite.optional().describe(
        'Replaces the path or the host for this destination. A field that is missing here applies as in the `rewrite` of the rule.',
      ),
      headers: HeadersOfBoth.optional().describe(
        'Changes for this destination, which apply after those in the `headers` of the rule.',
      ),
    },
    exactlyOne('destination', 'directResponse'),
    checkDirectResponse,
  )
  .meta({ id: 'WeightedDestination' });

/** Reports fields that have no effect beside a direct response. The fields may have any shape. */
function checkDirectResponse(entry: object, context: z.core.$RefinementCtx): void {
  const fields = entry as Record<string, unknown>;
  if (fields.directResponse === undefined) return;
  for (const field of ['rewrite', 'headers'] as const) {
    if (fields[field] !== undefined)
      context.addIssue({
        code: 'custom',
        path: [field],
        message: field === 'headers' ? 'belongs into directResponse.headers' : 'has no meaning with directResponse',
        params: { code: 'without-effect' },
      });
  }
}
