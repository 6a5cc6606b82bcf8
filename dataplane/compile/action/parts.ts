import type { Scope } from '../../../model/binding/scope.ts';
import type { HeaderChanges } from '../../../model/route/header-changes.ts';
import type { HeaderValueOption } from '../../envoy/gen/envoy/config/core/v3/base.ts';
import type { Route } from '../../envoy/gen/envoy/config/route/v3/route_components.ts';

/** The tenant and the scope of a route. */
export interface Place {
  /** It owns the upstreams that the rule names without a tenant. */
  tenant: string;
  scope: Scope;
}

/** The parts of a route that the action of a rule determines. */
export interface ActionParts {
  action: NonNullable<Route['action']>;
  /** Changes to the response that apply before those of the rule. */
  response?: HeaderChanges;
  /** Added before the changes of the rule. The values are formats, in which Envoy replaces commands such as `%REQ(x)%`. */
  responseHeadersToAdd?: readonly HeaderValueOption[];
  responseHeadersToRemove?: readonly string[];
}
