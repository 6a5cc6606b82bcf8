import { ScopedRouteConfiguration } from '../envoy/gen/envoy/config/route/v3/scoped_route.ts';
import { scopeKey, scopeName } from './values/names.ts';

/**
 * Builds the scope of one host on one port. Envoy loads its RouteConfiguration at the first request (`on_demand`).
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/route/v3/scoped_route.proto
 *
 * @param zone the part of the scope key before the host: the port
 * @param host a host pattern: `a.example.com`, `*.example.com` or `*`
 * @param routeConfigurationName the RouteConfiguration to which the scope points: one of the two names that `routesName`
 *   writes for an Envoy; by default the first
 */
export function scope(
  zone: string,
  host: string,
  routeConfigurationName = scopeKey(zone, host),
): ScopedRouteConfiguration {
  const key = scopeKey(zone, host);
  return ScopedRouteConfiguration.fromPartial({
    name: scopeName(key),
    onDemand: true,
    routeConfigurationName,
    key: { fragments: [{ type: { $case: 'stringKey', value: key } }] },
  });
}
