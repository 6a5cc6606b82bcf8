import { ScopedRouteConfiguration } from '../envoy/gen/envoy/config/route/v3/scoped_route.ts';
import { scopeKey, scopeName } from './values/names.ts';

/**
 * Builds the scope of one host on one port. Envoy loads its RouteConfiguration at the first request (`on_demand`).
 *
 * @param zone the part of the scope key before the host: the port
 * @param host a host pattern: `a.example.com`, `*.example.com` or `*`
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
