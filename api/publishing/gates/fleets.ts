import { checkingOnFleets, routesWithoutFleet } from '../../../model/check/index.ts';
import { inSlices } from '../../pace.ts';
import type { Gate } from './gate.ts';

/**
 * Checks a configuration against the rules of the fleets that serve it: ports, wildcards and destinations. It warns
 * about resources that no fleet serves.
 */
export const fleets: Gate = {
  code: 'invalid-configuration',
  async judge({ state: { configuration, tenant }, scope, fleets: { all }, pace }) {
    const { errors, warnings } = await inSlices(checkingOnFleets(configuration, tenant, all, scope.kinds), pace);
    const routes = scope.names?.route;
    if (routes === undefined) return { errors, warnings };
    const unserved = await inSlices(routesWithoutFleet(configuration, tenant, all, routes), pace);
    return { errors, warnings: [...warnings, ...unserved] };
  },
};
