import type { z } from 'zod';
import { isObject } from '../values/refine.ts';

/** Reports a missing weight, and weights that sum to 0, in the destinations of a rule. Input may have any shape. */
export function checkWeights(rule: { route?: unknown }, context: z.RefinementCtx): void {
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
      message: 'the weights sum to 0, so no destination would receive any connection',
      params: { code: 'weights-sum' },
    });
}
