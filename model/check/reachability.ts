import { conditionPath, writtenAt } from '../matching/delegation.ts';
import { splitAtCatchAll } from '../matching/precedence.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** Warns about rules after a rule of the same route that matches every request. They serve no request. */
export const reachability: Check = function* (configuration, { warnings }, names) {
  for (const [name, route] of configuration.entries('route', names.route)) {
    yield;
    const { catchAll, unreachable } = splitAtCatchAll(configuration, name, route);
    // A condition that delegates is reported once, and not each condition of the other route.
    for (const path of new Set(unreachable.map((each) => conditionPath(writtenAt(each))))) {
      warnings.push({
        resource: resourceName('route', name),
        path,
        code: 'unreachable-rule',
        message: `never runs: /http/${writtenAt(catchAll!).rule} before it matches every request`,
      });
    }
  }
};
