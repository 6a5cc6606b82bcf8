import type { z } from 'zod';
import { isObject } from '../values/refine.ts';

/**
 * Makes the check that reports a missing weight, and weights that sum to 0, in the destinations of a rule. The rule may
 * have any shape.
 *
 * @param consequence what weights that sum to 0 would mean, for the message
 */
export const checkWeights = (consequence: string) => (rule: { route?: unknown }, context: z.RefinementCtx) => {
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
      message: `the weights sum to 0, so ${consequence}`,
      params: { code: 'weights-sum' },
    });
};
