import { splitAtCatchAll } from '../matching/precedence.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** Warns about rules after a rule of the same route that matches every request. They serve no request. */
export const reachability: Check = function* (configuration, { warnings }, names) {
  for (const [name, route] of configuration.entries('route', names.route)) {
    yield;
    const { catchAll, unreachable } = splitAtCatchAll(name, route);
    for (const { rule, match, spec } of unreachable) {
      warnings.push({
        resource: resourceName('route', name),
        path: spec.match ? `/http/${rule}/match/${match}` : `/http/${rule}`,
        code: 'unreachable-rule',
        message: `never runs: /http/${catchAll!.rule} before it matches every request`,
      });
    }
  }
};
