import { combine, OwnerGateways } from '../../../model/binding/shared-gateway.ts';
import { conditionPath, delegated, writtenConditions } from '../../../model/matching/delegation.ts';
import { isForeign, parseReference } from '../../../model/values/reference.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';
import { parentsOf } from '../sharing/owners.ts';
import { type Gate, nothing } from './gate.ts';

/**
 * Checks the routes to which rules of other tenants delegate: none of their conditions may be one that these rules
 * could never hand a request to. The other tenant may change its rules later. The condition is then not served, and the
 * status of both tenants has the reason.
 */
export const parents: Gate = {
  code: 'invalid-configuration',
  async judge({ ctx, state: { tenant, configuration }, pace }) {
    const all = await parentsOf(ctx.services.heads, configuration);
    if (all.size === 0) return nothing;
    const own = { gateways: new OwnerGateways(configuration, tenant), hosts: [] };
    const errors = new Map<string, Violation>();
    for (const [parent, { head }] of all) {
      if (!head || parent === tenant) continue;
      const combined = combine(head.configuration, parent, [own]);
      if (combined === head.configuration) continue;
      for (const [name, route] of head.configuration.entries('route'))
        for (const written of writtenConditions(name, route)) {
          if (parseReference(written.spec.delegate?.route ?? '').tenant !== tenant) continue;
          if (pace.isDue) await pace.rest();
          for (const { by, condition, code, field, message } of delegated(combined, written).problems) {
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
