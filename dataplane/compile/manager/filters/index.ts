/** The HTTP filters of every public connection manager. Their order here is the chain's order. */
import { Composite } from '../../../envoy/gen/envoy/extensions/filters/http/composite/v3/composite.ts';
import { Router } from '../../../envoy/gen/envoy/extensions/filters/http/router/v3/router.ts';
import type { HttpFilter } from '../../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { managerFilters, policyChain } from '../../policies/index.ts';
import { filter } from '../../values/filter.ts';
import { dotSegments } from './dot-segments.ts';
import { examination } from './examination.ts';
import { fallback } from './fallback.ts';
import { onDemand } from './on-demand.ts';

/** The name under which routes configure the filter that runs their policies. */
export const COMPOSITE = 'composite';

const composite = filter(
  COMPOSITE,
  'envoy.extensions.filters.http.composite.v3.Composite',
  Composite,
  Composite.fromPartial({}),
);

/** The filter that forwards a request to its upstream. */
export const router = filter(
  'envoy.filters.http.router',
  'envoy.extensions.filters.http.router.v3.Router',
  Router,
  Router.fromPartial({ suppressEnvoyHeaders: true }),
);

/** The HTTP filters of a connection manager, in the order in which they see a request. */
export const httpFilters: readonly HttpFilter[] = [
  dotSegments, // first: it needs no route, and a rejected path loads no host
  onDemand, // before every filter with settings of a host: a filter before it would not see those of a host that is not loaded
  ...fallback, // on a miss only: other spellings, and wildcards
  ...examination, // for what the first routes select: before the policies, which are those of the route that is found then
  ...managerFilters(policyChain), // the policies that cannot run inside `composite`; each reads the settings of its route
  composite, // the policies of a route, carried by its RouteConfiguration: a tenant's change never touches the listener
  router, // last: it sends the request
];
