/** The HTTP filters of every connection manager of the fleet. */
import { Composite } from '../../../envoy/gen/envoy/extensions/filters/http/composite/v3/composite.ts';
import { Router } from '../../../envoy/gen/envoy/extensions/filters/http/router/v3/router.ts';
import type { HttpFilter } from '../../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { distinct } from '../../compiled.ts';
import { managerFilters, policyChain } from '../../policies/index.ts';
import { beforePolicies } from '../../rule-filters/index.ts';
import { filter } from '../../values/filter.ts';
import { challenges } from './challenges.ts';
import { type Connections, examination } from './examination.ts';
import { guards } from './guards.ts';
import { LOADING, loading } from './loading.ts';
import { UPGRADES, upgrades } from './upgrades.ts';

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

const authority = challenges(LOADING);

/**
 * Returns the HTTP filters of a connection manager, in the order in which they see a request.
 *
 * @param connections the connections on which the requests arrive
 */
export const httpFilters = (connections: Connections): HttpFilter[] => [
  guards, // first: they need no route, and a rejected request loads no host
  ...(connections === 'without TLS' ? [authority] : []), // before a host is loaded: the authority also asks hosts that no route of the port has
  ...loading, // before all filters that read settings of a host: earlier filters do not see the settings of a host that is not loaded
  ...examination(connections), // before the policies: the scripts of built-in routes may change the route, and its policies apply then
  upgrades, // after the filters that load a host, whose routes may allow other upgrades
  ...managerFilters([...beforePolicies, ...policyChain]), // the policies that cannot run inside `composite`; each reads the settings of its route
  composite, // the policies of a route; they are in its RouteConfiguration, so a change of a tenant does not change the listener
  router, // last: it sends the request
];

const always: readonly string[] = [guards.name, router.name];

/**
 * The names of the filters that a request needs only if its route names them, or if Envoy does not know its host when
 * it arrives. Each filter that Envoy creates costs a request about a microsecond.
 *
 * @param connections as above
 */
export const optional = (connections: Connections): readonly string[] =>
  distinct(httpFilters(connections).map(({ name }) => name)).filter((name) => !always.includes(name));

/** The names of the filters that the rules of a host may configure. */
export const ofRules: readonly string[] = [
  UPGRADES,
  ...managerFilters([...beforePolicies, ...policyChain]).map(({ name }) => name),
  COMPOSITE,
];
