import { DEFAULT_UPGRADES } from '../../../../model/route/upgrades.ts';
import { pack } from '../../../envoy/any.ts';
import { Permission, Policy, RBAC_Action, RBAC as Rules } from '../../../envoy/gen/envoy/config/rbac/v3/rbac.ts';
import { RBAC, RBACPerRoute } from '../../../envoy/gen/envoy/extensions/filters/http/rbac/v3/rbac.ts';
import type { Any } from '../../../envoy/gen/google/protobuf/any.ts';
import { filter } from '../../values/filter.ts';

/** The name under which routes configure the filter. */
export const UPGRADES = 'upgrades';

/**
 * Builds the rules that answer 403 to upgrades. Envoy checks an upgrade when a request arrives, but only if it has
 * loaded the host. Without these rules, it would forward the first request to a host with any upgrade.
 *
 * @param allowed the names of protocols in lower case
 */
function allowing(allowed: readonly string[]): RBAC {
  // A header matcher never matches a missing header, also when it is inverted.
  const regex = `(?i)(?:${allowed.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})`;
  const permission = Permission.fromPartial({
    rule: {
      $case: 'header',
      value: {
        name: 'upgrade',
        headerMatchSpecifier: {
          $case: 'stringMatch',
          value: { matchPattern: { $case: 'safeRegex', value: { regex } }, ignoreCase: false },
        },
        invertMatch: true,
      },
    },
  });
  const policy = Policy.fromPartial({
    permissions: [permission],
    principals: [{ identifier: { $case: 'any', value: true } }],
  });
  return RBAC.fromPartial({ rules: Rules.fromPartial({ action: RBAC_Action.DENY, policies: { upgrades: policy } }) });
}

/** The HTTP filter that rejects upgrades, unless a route allows others. */
export const upgrades = filter(
  UPGRADES,
  'envoy.extensions.filters.http.rbac.v3.RBAC',
  RBAC,
  allowing(DEFAULT_UPGRADES),
);

/** Builds the configuration of the filter for a route that allows these upgrades. */
export const upgradesOfRoute = (allowed: readonly string[]): Any =>
  pack('envoy.extensions.filters.http.rbac.v3.RBACPerRoute', RBACPerRoute, { rbac: allowing(allowed) });
