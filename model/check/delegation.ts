import {
  conditionPath,
  type DelegationProblem,
  delegated,
  hasDelegation,
  writtenConditions,
} from '../matching/delegation.ts';
import { suggest } from '../suggest.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/**
 * Reports rules that delegate to a route that does not exist or does not admit it, and conditions of that route that
 * could never serve a request, as errors. It looks at all routes, because a change of one route may break another one.
 */
export const delegation: Check = function* (configuration, { errors }) {
  if (!hasDelegation(configuration)) return;
  const seen = new Set<string>();
  for (const [name, route] of configuration.entries('route')) {
    yield;
    if (!route.http?.some((rule) => rule.delegate)) continue;
    for (const written of writtenConditions(name, route)) {
      if (!written.spec.delegate) continue;
      yield;
      for (const problem of delegated(configuration, written).problems) {
        const { code, message } = problem;
        const place = placeOf(problem);
        // A route that delegates may itself be reached in several ways, each with the same problem.
        const key = JSON.stringify([place, message]);
        if (seen.has(key)) continue;
        seen.add(key);
        const meant =
          code === 'dangling-reference'
            ? suggest(problem.by.spec.delegate!.route, configuration.names('route'))
            : undefined;
        errors.push({
          ...place,
          code,
          message,
          ...(meant !== undefined && { hint: `did you mean ${JSON.stringify(meant)}?` }),
        });
      }
    }
  }
};

/** Returns the place of a problem: in the route to which a rule delegates, or in the rule. */
function placeOf({ by, condition, field }: DelegationProblem): { resource: string; path: string } {
  const { route, rule } = condition ?? by;
  return {
    resource: resourceName('route', route),
    path: (condition ? conditionPath(condition) : `/http/${rule}`) + field,
  };
}
