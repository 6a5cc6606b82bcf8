import { delegationOf } from '../../../model/binding/delegation.ts';
import { combine, OwnerGateways } from '../../../model/binding/shared-gateway.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { conditionPath, expanded } from '../../../model/matching/delegation.ts';
import { costOfPatterns, patternCosts } from '../../../model/matching/pattern-costs.ts';
import { isForeign, parseReference } from '../../../model/values/reference.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';
import { inSlices } from '../../pace.ts';
import { type Gate, nothing } from './gate.ts';

/**
 * Checks the routes to which rules of other tenants delegate: none of their conditions may be one that these rules
 * could never hand a request to. The other tenant may change its rules later. The condition is then not served, and the
 * status of both tenants has the reason.
 */
export const parents: Gate = {
  code: 'invalid-configuration',
  async judge({ head: before, state: { tenant, configuration }, parents, quotas, pace }) {
    if (parents.size === 0) return nothing;
    const named = delegationOf(configuration).parents;
    const own = { gateways: new OwnerGateways(configuration, tenant), hosts: [] };
    const earlier = { gateways: new OwnerGateways(before.configuration, tenant), hosts: [] };
    const limit = quotas.patternTime * 1000;
    const isCostly = hasPatterns(configuration);
    const errors = new Map<string, Violation>();
    for (const [parent, { head }] of parents) {
      if (!head || parent === tenant || !named.has(parent)) continue;
      const combined = combine(head.configuration, parent, [own]);
      if (combined === head.configuration) continue;
      // A pattern counts once for each condition of the parent that delegates to it.
      const slowest = isCostly && (await inSlices(patternCosts(combined), pace)).slowest;
      if (slowest && slowest.time > limit) {
        const now = await inSlices(patternCosts(combine(head.configuration, parent, [earlier])), pace);
        if (slowest.time > now.of(slowest.host).time) errors.set(parent, tooSlow(parent, slowest.time, limit));
      }
      for (const [name, route] of head.configuration.entries('route'))
        for (const { written, problems } of expanded(combined, name, route)) {
          if (pace.isDue) await pace.rest();
          if (parseReference(written.spec.delegate?.route ?? '').tenant !== tenant) continue;
          for (const { by, condition, code, field, message } of problems) {
            const at = condition ?? by;
            if (!isForeign(at.route) || parseReference(at.route).tenant !== tenant) continue;
            const place = {
              resource: resourceName('route', parseReference(at.route).name),
              path: (condition ? conditionPath(condition) : `/http/${at.rule}`) + field,
            };
            const found = { ...place, code, message: `${message}: ${seenFrom(parent, by.route)} ${conditionPath(by)}` };
            errors.set(JSON.stringify(found), found);
          }
        }
    }
    return { errors: [...errors.values()], warnings: [] };
  },
};

/** Writes the name of a route, as the configuration of the parent has it, for the other tenant. */
function seenFrom(parent: string, route: string): string {
  return isForeign(route) ? `routes/${parseReference(route).name}` : `routes/${parent}/${route}`;
}

/** Whether a route that has parents has regular expressions. */
const hasPatterns = (configuration: Configuration): boolean =>
  [...configuration.entries('route')].some(([, route]) => route.parents && costOfPatterns('route', route).time > 0);

const tooSlow = (parent: string, time: number, limit: number): Violation => ({
  resource: 'routes',
  path: '',
  code: 'patterns-too-slow',
  message: `with the conditions of ${parent} that delegate to routes of this tenant, the regular expressions that a request may meet can take Envoy ${Math.ceil(time / 1000)} ms; at most ${limit / 1000} ms are allowed`,
  hint: 'a pattern counts once for each condition that delegates to its route: use fewer or cheaper patterns',
});
