import { z } from 'zod';
import { policies } from '../policies/index.ts';
import { Duration } from '../values/duration.ts';
import { exactlyOne } from '../values/exactly-one.ts';
import { Name } from '../values/name.ts';
import { evenIfInvalid, isObject } from '../values/refine.ts';
import { type Destination, type DestinationUse, WeightedDestination } from './destination.ts';
import { DirectResponse } from './direct-response.ts';
import { HeaderChanges } from './header-changes.ts';
import { Match } from './match.ts';
import { Rewrite } from './rewrite.ts';

export const Rule = z
  .strictObject({
    name: Name.optional(),
    match: z
      .array(Match)
      .min(1)
      .max(64)
      .optional()
      .describe('The rule applies when one of these conditions matches; without any, always.'),
    rewrite: Rewrite.optional(),
    route: z
      .array(WeightedDestination)
      .min(1)
      .max(32)
      .optional()
      .describe('Where requests go, in proportion to the weights.'),
    directResponse: DirectResponse.optional(),
    timeout: Duration.optional().describe(
      'Time until the response is complete. Default, and `0s`: no limit, as long as some data moves every 5 minutes.',
    ),
    headers: z
      .strictObject({ request: HeaderChanges.optional(), response: HeaderChanges.optional() })
      .optional()
      .describe('Changes to the request before the upstream sees it, and to the response before the client does.'),
    ...policies,
  })
  .superRefine(exactlyOne('route', 'directResponse'), evenIfInvalid(isObject))
  .superRefine((rule, context) => {
    for (const field of ['rewrite', 'timeout'] as const) {
      if (rule.directResponse !== undefined && rule[field] !== undefined)
        context.addIssue({
          code: 'custom',
          path: [field],
          message: 'has no meaning with directResponse',
          params: { code: 'without-effect' },
        });
    }
    const destinations = Array.isArray(rule.route) ? rule.route : [];
    const unweighted = destinations.findIndex((each) => isObject(each) && each.weight === undefined);
    if (unweighted >= 0 && destinations.length > 1)
      context.addIssue({
        code: 'custom',
        path: ['route', unweighted, 'weight'],
        message: 'each of several destinations needs a weight',
        params: { code: 'weight-missing' },
      });
    else if (destinations.length > 0 && destinations.every((each) => isObject(each) && each.weight === 0))
      context.addIssue({
        code: 'custom',
        path: ['route'],
        message: 'the weights sum to 0, so no destination would receive requests; use directResponse to answer them',
        params: { code: 'weights-sum' },
      });
  }, evenIfInvalid(isObject))
  .meta({ id: 'Rule', description: 'Which requests, and what becomes of them.' });
export type Rule = z.infer<typeof Rule>;

/** An item of a rule that holds a destination. */
export interface HasDestination {
  destination: Destination;
}

/** The fields of a rule that hold destinations: one item or a list of items. */
type DestinationField = {
  [F in keyof Rule]-?: NonNullable<Rule[F]> extends HasDestination | readonly HasDestination[] ? F : never;
}[keyof Rule];

/** The purpose of the destinations in each field of a rule. A missing field is a type error. */
export const destinationFields: Readonly<Record<DestinationField, DestinationUse>> = { route: 'route' };
