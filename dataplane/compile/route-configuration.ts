import { scopeTable } from '../../model/binding/scope-table.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { rulesFor } from '../../model/matching/precedence.ts';
import { HeaderValueOption_HeaderAppendAction as Append } from '../envoy/gen/envoy/config/core/v3/base.ts';
import { RouteConfiguration } from '../envoy/gen/envoy/config/route/v3/route.ts';
import { Route, VirtualHost } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { appliedTo } from './applied.ts';
import { type Compiled, merged } from './compiled.ts';
import { onEveryConfiguration, onEveryHost } from './composite.ts';
import { firstRoutes } from './first-routes.ts';
import { routesOf } from './route.ts';
import { PROBE_HEADER, REVISION_PATH, SCOPE_HEADER, SERVER_NAME_HEADER, scopeKey } from './values/names.ts';

/**
 * Builds the routes of one host of one port. A host that is admitted without routes answers 404.
 *
 * @param configuration the tenant's
 * @param port the number that gateways name
 * @param host the host pattern of a scope: `a.example.com`, `*.example.com` or `*`
 */
export function routeConfiguration(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  port: number,
  host: string,
): Compiled<RouteConfiguration> {
  const scope = scopeTable(configuration, tenant, fleet).scope(port, host);
  const rules = scope ? rulesFor(configuration, scope) : [];
  const compiled = rules.map((rule) => routesOf(rule, tenant, appliedTo(configuration, rule)));
  const first = scope && rules.length > 0 ? firstRoutes(scope) : [];
  return {
    message: marked(scopeKey(port, host), [...first, ...compiled.flatMap(({ message }) => message)]),
    needs: merged(compiled.map(({ needs }) => needs)),
  };
}

/** Answers 404 to everything: never answer a RouteConfiguration as removed, Envoy's requests would hang on it. */
export const emptyRouteConfiguration = (name: string): RouteConfiguration => marked(name, []);

/** Adds what every RouteConfiguration has, with the marker that tells its version in front. */
const marked = (name: string, routes: Route[]): RouteConfiguration => ({
  ...blank,
  name,
  virtualHosts: [{ ...blankHost, name, routes: [marker, ...routes, notFound] }],
});

const blank = RouteConfiguration.fromPartial({
  ...onEveryConfiguration,
  requestHeadersToRemove: [SCOPE_HEADER, SERVER_NAME_HEADER, PROBE_HEADER],
  // What a route does to the same header comes after it.
  mostSpecificHeaderMutationsWins: true,
  responseHeadersToAdd: [
    { header: { key: 'server', value: 'gatehouse' }, appendAction: Append.OVERWRITE_IF_EXISTS_OR_ADD },
  ],
});

// The scope has matched the host already.
const blankHost = VirtualHost.fromPartial({ domains: ['*'], ...onEveryHost });

/**
 * The route for requests that no rule matches. Without it, the fallback would continue with the wildcards above, whose
 * rules are not those of this host.
 */
const notFound = Route.fromPartial({
  name: 'none',
  match: { pathSpecifier: { $case: 'prefix', value: '/' } },
  action: { $case: 'directResponse', value: { status: 404 } },
});

/**
 * The placeholder of the version in the marker. The version is the hash of the encoded message, and is written over the
 * placeholder: a probe reads it back through the proxy. Nothing before the marker looks like it, because no host contains
 * a question mark.
 */
export const UNVERSIONED = '?'.repeat(32);

/** Whether the message begins with the marker: where it does not, what looks like one is a tenant's own text. */
export const isMarked = ({ virtualHosts: [host] }: RouteConfiguration): boolean => host?.routes[0] === marker;

const marker = Route.fromPartial({
  name: 'marker',
  match: {
    pathSpecifier: { $case: 'path', value: REVISION_PATH },
    headers: [{ name: PROBE_HEADER, headerMatchSpecifier: { $case: 'presentMatch', value: true } }],
  },
  action: {
    $case: 'directResponse',
    value: { status: 200, body: { specifier: { $case: 'inlineString', value: UNVERSIONED } } },
  },
});
