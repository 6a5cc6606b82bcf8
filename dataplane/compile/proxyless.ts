/** What one host does, for gRPC clients that route by themselves: they know fewer words than Envoy, and refuse a whole message for one they do not. */
import { serve } from '../../model/bind.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { rulesFor } from '../../model/precedence.ts';
import { RouteConfiguration } from '../envoy/gen/envoy/config/route/v3/route.ts';
import { NonForwardingAction, type Route } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { clustersOf } from './action.ts';
import { proxylessName, scopeKey } from './names.ts';
import { route } from './route.ts';
import { type CompiledHost, versionOf } from './route-configuration.ts';

/** Without the marker: no probe goes through a client. */
export function proxylessRoutes(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  port: number,
  host: string,
): CompiledHost {
  const scope = serve(configuration, tenant, fleet).scope(port, host);
  const rules = scope ? rulesFor(configuration, scope) : [];
  const name = proxylessName(scopeKey(port, host));
  const message = RouteConfiguration.fromPartial({ name, virtualHosts: [{ name, domains: ['*'] }] });
  message.virtualHosts[0]!.routes = rules.map((rule) => reworded(route(rule, tenant)));
  const clusters = new Set(rules.flatMap(({ spec }) => clustersOf(spec, tenant)));
  return { message, clusters: [...clusters].sort(), version: versionOf(message) };
}

/**
 * Paths by prefix, whole or by regular expression; and to forward, or to fail the call where only a proxy could answer.
 * https://github.com/grpc/proposal/blob/master/A28-xds-traffic-splitting-and-routing.md
 */
function reworded(compiled: Route): Route {
  const action: Route['action'] =
    compiled.action?.$case === 'route'
      ? compiled.action
      : { $case: 'nonForwardingAction', value: NonForwardingAction.fromPartial({}) };
  const match = compiled.match!;
  if (match.pathSpecifier?.$case !== 'pathSeparatedPrefix') return { ...compiled, action };
  const caseless = match.caseSensitive === false ? '(?i)' : '';
  const regex = `${caseless}${match.pathSpecifier.value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?:/.*)?`;
  return { ...compiled, action, match: { ...match, pathSpecifier: { $case: 'safeRegex', value: { regex } } } };
}
