import { z } from 'zod';
import { Name } from '../values/name.ts';
import { ReferenceText } from '../values/reference.ts';

/** The destination of a request: an upstream, or one subset of it. */
export const Destination = z
  .strictObject({
    upstream: ReferenceText,
    subset: Name.optional(),
    port: z.int().min(1).max(65535).optional().describe('Must equal the port of the upstream.'),
  })
  .meta({ id: 'Destination', example: { upstream: 'reviews', subset: 'v1', port: 9080 } });

export type Destination = z.infer<typeof Destination>;

/** The purpose of a destination: it serves requests, it receives copies of requests, or a policy calls it. */
export type DestinationUse = 'route' | 'mirror' | 'policy';

/** A destination with its share of a rule's traffic. */
export const WeightedDestination = z
  .strictObject({
    destination: Destination,
    weight: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe(
        'Share of the traffic among the destinations of the rule: one of weight 0 receives none. Required when there are several. The weights of a rule must not sum to 0.',
      ),
  })
  .meta({ id: 'WeightedDestination' });
