import { checkingOnFleets, routesWithoutFleet } from '../../../model/check/index.ts';
import { inSlices } from '../../pace.ts';
import { withoutForeign } from './foreign.ts';
import type { Gate } from './gate.ts';

/**
 * Checks a configuration against the rules of the fleets that serve it: ports, wildcards and destinations. It warns
 * about resources that no fleet serves.
 */
export const fleets: Gate = {
  code: 'invalid-configuration',
  async judge({ combined, state: { tenant }, scope, fleets: { all }, pace }) {
    const found = await inSlices(checkingOnFleets(combined, tenant, all, scope.kinds), pace);
    const { errors, warnings } = withoutForeign(found);
    const routes = scope.names?.route;
    if (routes === undefined) return { errors, warnings };
    const unserved = await inSlices(routesWithoutFleet(combined, tenant, all, routes), pace);
    return { errors, warnings: [...warnings, ...unserved] };
  },
};
