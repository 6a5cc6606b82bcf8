/** The same host for clients that speak xDS themselves (proxyless gRPC), which know fewer words than Envoy. */
import { serve } from '../../model/binding/bind.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { rulesFor } from '../../model/matching/precedence.ts';
import { RouteConfiguration } from '../envoy/gen/envoy/config/route/v3/route.ts';
import type { Route } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { clustersOf } from './action.ts';
import { route } from './route.ts';
import type { CompiledHost } from './route-configuration.ts';

/** Without marker, and with nothing that gRPC would refuse the whole message for. `name` is what the client asked for. */
export function grpcRouteConfiguration(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  port: number,
  host: string,
  name: string,
): CompiledHost {
  const scope = serve(configuration, tenant, fleet).scope(port, host);
  const rules = scope ? rulesFor(configuration, scope) : [];
  const routes = rules.map((rule) => reword(route(rule, tenant)));
  const message = RouteConfiguration.fromPartial({ name, virtualHosts: [{ name, domains: ['*'] }] });
  message.virtualHosts[0]!.routes = routes;
  return {
    message,
    clusters: [...new Set(rules.flatMap(({ spec }) => clustersOf(spec, tenant)))].sort(),
  };
}

/** https://github.com/grpc/proposal/blob/master/A28-xds-traffic-splitting-and-routing.md: prefix, path, regex; and to route or not to. */
function reword(from: Route): Route {
  const match = from.match!;
  const action: Route['action'] =
    from.action?.$case === 'route' ? from.action : { $case: 'nonForwardingAction', value: {} };
  const path = match.pathSpecifier;
  if (path?.$case !== 'pathSeparatedPrefix') return { ...from, action };
  const caseless = match.caseSensitive === false ? '(?i)' : '';
  const regex = `${caseless}${path.value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?:/.*)?`;
  return { ...from, action, match: { ...match, pathSpecifier: { $case: 'safeRegex', value: { regex } } } };
}
