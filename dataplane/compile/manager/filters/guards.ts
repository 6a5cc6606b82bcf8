import { RBAC_Action, RBAC as Rules } from '../../../envoy/gen/envoy/config/rbac/v3/rbac.ts';
import { RBAC } from '../../../envoy/gen/envoy/extensions/filters/http/rbac/v3/rbac.ts';
import { filter } from '../../values/filter.ts';
import { dotSegments } from './dot-segments.ts';
import { loopReply, loops } from './loops.ts';
import { portReply, portsOfHosts } from './ports-of-hosts.ts';

/** The rules are the same for all hosts, so each connection manager has them once. Envoy compares in this order. */
const rules = Rules.fromPartial({
  action: RBAC_Action.DENY,
  policies: { 'a-ports-of-hosts': portsOfHosts, 'b-loops': loops, 'c-dot-segments': dotSegments },
});

/** The HTTP filter that rejects requests that no host may get. */
export const guards = filter('guards', 'envoy.extensions.filters.http.rbac.v3.RBAC', RBAC, RBAC.fromPartial({ rules }));

/** The responses of the guards that are not 403. */
export const guardReplies = [portReply, loopReply];
