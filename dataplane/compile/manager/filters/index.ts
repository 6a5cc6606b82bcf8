/** The HTTP filters of every public connection manager. Their order here is the chain's order. */
import { Composite } from '../../../envoy/gen/envoy/extensions/filters/http/composite/v3/composite.ts';
import { Router } from '../../../envoy/gen/envoy/extensions/filters/http/router/v3/router.ts';
import type { HttpFilter } from '../../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { dotSegments } from './dot-segments.ts';
import { examination } from './examination.ts';
import { fallback } from './fallback.ts';
import { filter } from './filter.ts';
import { onDemand } from './on-demand.ts';

const composite = filter(
  'composite',
  'envoy.extensions.filters.http.composite.v3.Composite',
  Composite,
  Composite.fromPartial({}),
);

export const router = filter(
  'envoy.filters.http.router',
  'envoy.extensions.filters.http.router.v3.Router',
  Router,
  Router.fromPartial({ suppressEnvoyHeaders: true }),
);

export const httpFilters: readonly HttpFilter[] = [
  dotSegments, // first: it needs no route, and a rejected path loads no host
  onDemand, // before all filters with settings of a host: what stands before it does not see the policies of a host that is not loaded yet
  ...fallback, // on a miss only: other spellings, and wildcards
  ...examination, // what the first routes pick out: before the policies, which are those of the route that is found then
  composite, // the policies of hosts and routes, carried by their RouteConfigurations; none is on the listener, so that no tenant's change touches it
  router, // last: it sends the request
];
