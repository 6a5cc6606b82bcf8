import { hasAutomatic } from '../../model/automatic-certificates.ts';
import { serverNames } from '../../model/binding/same-server.ts';
import { scopeTable } from '../../model/binding/scope-table.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { rulesFor } from '../../model/matching/precedence.ts';
import { hasPreflights, stepsOf } from '../../model/matching/preflight.ts';
import {
  HeaderValueOption_HeaderAppendAction as Append,
  HeaderValueOption,
} from '../envoy/gen/envoy/config/core/v3/base.ts';
import { RouteConfiguration } from '../envoy/gen/envoy/config/route/v3/route.ts';
import { Route, VirtualHost } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { appliedTo } from './applied.ts';
import { builtInRoutes, challenge, connectionRoutes, onlySlashes, toHttps, withoutProfile } from './built-in-routes.ts';
import { type Compiled, merged, needsNothing } from './compiled.ts';
import { onHost } from './composite.ts';
import { preflightRoute } from './cors.ts';
import { routeName, routesOf } from './route.ts';
import {
  isProfileZone,
  PROBE_HEADER,
  portOfZone,
  REVISION_PATH,
  SCOPE_HEADER,
  SERVER_NAME_HEADER,
  scopeKey,
  zoneOf,
} from './values/names.ts';

/**
 * Builds the routes of one host in one zone: the marker, the host's built-in routes, its rules, and a route that
 * answers 404 to all other requests. A host without rules has only the marker and the 404.
 *
 * A host with a TLS profile answers 421 in the zone of its port, which has the connections without a profile. So does a
 * host whose connections are forwarded: a request for it came on the connection of another host.
 *
 * @param configuration the tenant's configuration
 * @param zone as `zoneOf` writes it; of a host without a TLS profile, the number that gateways name
 * @param host the host pattern of a scope: `a.example.com`, `*.example.com` or `*`
 * @returns the message under the name of the scope's key, such as `80|a.example.com`, and the clusters and secrets that
 *   Envoy must have before it
 */
export function routeConfiguration(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  zone: string | number,
  host: string,
): Compiled<RouteConfiguration> {
  const port = portOfZone(String(zone));
  const table = scopeTable(configuration, tenant, fleet);
  const scope = table.scope(port, host);
  const only = (...routes: Route[]) => ({ message: marked(scopeKey(zone, host), routes), needs: needsNothing });
  if (!scope) return only();
  if (zoneOf(port, tenant, scope.profile) !== String(zone))
    return isProfileZone(String(zone)) ? only() : only(withoutProfile);
  // Only tenants with automatic certificates have this route: others may answer challenges themselves.
  const answered = scope.protocol === 'HTTP' && hasAutomatic(configuration) ? [challenge] : [];
  if (scope.httpsRedirect !== undefined) return only(...answered, onlySlashes, toHttps(scope, scope.httpsRedirect));
  if (scope.admission.forwarding.size > 0) return only(withoutProfile);
  const steps = [...stepsOf(rulesFor(configuration, scope))];
  const compiled = steps.map((step) =>
    step.isPreflight
      ? { message: [preflightRoute(step, routeName(step.rule), tenant)], needs: needsNothing }
      : routesOf(step, { tenant, scope }, appliedTo(configuration, step.rule)),
  );
  const names = serverNames(table.admissionsAt(port), scope.admission);
  // Also when no condition of the bound routes can match on this port.
  const first =
    scope.bound.length > 0
      ? builtInRoutes(scope, hasPreflights(steps), names)
      : names
        ? connectionRoutes(scope, names)
        : [];
  const message = marked(scopeKey(zone, host), [...answered, ...first, ...compiled.flatMap(({ message }) => message)]);
  return {
    message: scope.http3 ? { ...message, responseHeadersToAdd: announcingHttp3(port) } : message,
    needs: merged(compiled.map(({ needs }) => needs)),
  };
}

/**
 * Builds a RouteConfiguration that answers 404 to every request except probes. The agent sends it instead of removing a
 * RouteConfiguration, because requests in Envoy that wait for a removed one would hang.
 */
export const emptyRouteConfiguration = (name: string): RouteConfiguration => marked(name, []);

/** Adds the parts that every RouteConfiguration has: the marker as the first route, and the 404 as the last. */
const marked = (name: string, routes: Route[]): RouteConfiguration => ({
  ...blank,
  name,
  virtualHosts: [{ ...blankHost, ...onHost(routes), name, routes: [marker, ...routes, notFound] }],
});

const blank = RouteConfiguration.fromPartial({
  requestHeadersToRemove: [SCOPE_HEADER, SERVER_NAME_HEADER, PROBE_HEADER],
  // If a route changes the same header as the RouteConfiguration, the change of the route is applied last.
  mostSpecificHeaderMutationsWins: true,
  responseHeadersToAdd: [
    { header: { key: 'server', value: 'gatehouse' }, appendAction: Append.OVERWRITE_IF_EXISTS_OR_ADD },
  ],
});

/**
 * Builds the response headers of a host that is served over HTTP/3 too. Clients may use the UDP port for one day (RFC
 * 7838 §3). An upstream's own `alt-svc` would name a port that the gateway may not have.
 *
 * @param port the port that clients connect to
 */
const announcingHttp3 = (port: number): HeaderValueOption[] => [
  ...blank.responseHeadersToAdd,
  HeaderValueOption.fromPartial({
    header: { key: 'alt-svc', value: `h3=":${port}"; ma=86400` },
    appendAction: Append.OVERWRITE_IF_EXISTS_OR_ADD,
  }),
];

// The virtual host accepts all domains, because the scope has matched the host already.
const blankHost = VirtualHost.fromPartial({ domains: ['*'] });

/**
 * The route for requests that match no rule. Without it, the loading filters would continue with the wildcards above
 * the host, whose rules do not belong to this host.
 */
const notFound = Route.fromPartial({
  name: 'none',
  match: { pathSpecifier: { $case: 'prefix', value: '/' } },
  action: { $case: 'directResponse', value: { status: 404 } },
});

/**
 * The placeholder for the version in the marker. The version is the hash of the encoded message with the placeholder.
 * The version then overwrites the placeholder, and a probe reads it through the proxy. The placeholder is found as the
 * first text of this form in the message: only the host comes before it, and a host contains no question mark.
 */
export const UNVERSIONED = '?'.repeat(32);

/** Returns whether the message begins with the marker. If not, a text that looks like the placeholder is a tenant's. */
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
