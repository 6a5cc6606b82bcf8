import { pack } from '../envoy/any.ts';
import { Listener } from '../envoy/gen/envoy/config/listener/v3/listener.ts';
import { HttpConnectionManager } from '../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { router } from './manager/filters/index.ts';
import { ads } from './values/source.ts';

/**
 * Builds the listener that a proxyless gRPC client requests. The client routes its calls by the RouteConfiguration that
 * the listener names.
 *
 * @param name the target to which the client connects, such as `reviews.example.com` or `reviews.example.com:443`
 * @param routeConfigurationName a name that `routesName` wrote, such as `grpc|80|reviews.example.com`
 *
 * https://github.com/grpc/proposal/blob/master/A27-xds-global-load-balancing.md
 */
export function apiListener(name: string, routeConfigurationName: string): Listener {
  const manager = HttpConnectionManager.fromPartial({
    statPrefix: 'grpc',
    routeSpecifier: { $case: 'rds', value: { configSource: ads, routeConfigName: routeConfigurationName } },
    httpFilters: [router],
  });
  const typeName = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
  return Listener.fromPartial({ name, apiListener: { apiListener: pack(typeName, HttpConnectionManager, manager) } });
}
