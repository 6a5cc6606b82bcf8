import { hasDelegation } from '../binding/delegation.ts';
import { type ConditionPlace, conditionPath, type DelegationProblem, expanded } from '../matching/delegation.ts';
import { isForeign } from '../values/reference.ts';
import { resourceName, type Violation } from '../violations.ts';
import type { Check } from './findings.ts';
import { suggestRoute } from './suggest-route.ts';

/**
 * Reports rules that delegate to a route that does not exist or does not admit it, and conditions of that route that
 * could never serve a request, as errors. It looks at all routes, because a change of one route may break another one.
 */
export const delegation: Check = function* (configuration, { errors }) {
  if (!hasDelegation(configuration)) return;
  const seen = new Set<string>();
  for (const [name, route] of configuration.entries('route')) {
    yield;
    if (isForeign(name) || !route.http?.some((rule) => rule.delegate)) continue;
    for (const { written, problems } of expanded(configuration, name, route)) {
      yield;
      for (const problem of problems) {
        const violation = violationOf(problem, written);
        // A route that delegates may itself be reached in several ways, each with the same problem.
        const key = JSON.stringify([violation.resource, violation.path, violation.message]);
        if (seen.has(key)) continue;
        seen.add(key);
        const meant =
          problem.code === 'dangling-reference'
            ? suggestRoute(configuration, problem.by.spec.delegate!.route, name, errors)
            : undefined;
        errors.push({ ...violation, ...(meant !== undefined && { hint: `did you mean ${JSON.stringify(meant)}?` }) });
      }
    }
  }
};

/** @param written the condition that delegates first. It is the place of a problem in a route of another tenant */
function violationOf({ by, condition, code, field, message }: DelegationProblem, written: ConditionPlace): Violation {
  const reason = condition ? `${message}: ${placeText(by)}` : message;
  const at = condition ?? by;
  if (!isForeign(at.route))
    return {
      resource: resourceName('route', at.route),
      path: (condition ? conditionPath(condition) : `/http/${by.rule}`) + field,
      code,
      message: reason,
    };
  return {
    resource: resourceName('route', written.route),
    path: `/http/${written.rule}/delegate/route`,
    code,
    message: `${placeText(at)}${field} ${reason}`,
  };
}

const placeText = (place: ConditionPlace): string => `${resourceName('route', place.route)} ${conditionPath(place)}`;
