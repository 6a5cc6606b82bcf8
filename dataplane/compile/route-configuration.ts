import { createHash } from 'node:crypto';
import { serve } from '../../model/bind.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { rulesFor } from '../../model/precedence.ts';
import { RouteConfiguration } from '../envoy/gen/envoy/config/route/v3/route.ts';
import type { Route } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { Route as RouteMessage } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { clustersOf } from './action.ts';
import { leftAlone, skipped } from './filters/fallback.ts';
import { PROBE_HEADER, REVISION_PATH, SCOPE_HEADER, scopeKey } from './names.ts';
import { route } from './route.ts';

export interface CompiledHost {
  message: RouteConfiguration;
  /** What its routes may send to: to be there before Envoy gets the message. Sorted. */
  clusters: string[];
  /** Content hash; a probe reads it back through the proxy. */
  version: string;
}

/** All that one host of one port does. A host that is admitted without routes answers 404. */
export function routeConfiguration(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  port: number,
  host: string,
): CompiledHost {
  const scope = serve(configuration, tenant, fleet).scope(port, host);
  const rules = scope ? rulesFor(configuration, scope) : [];
  const clusters = new Set(rules.flatMap(({ spec }) => clustersOf(spec, tenant)));
  const routes = rules.map((rule) => route(rule, tenant));
  return { ...marked(scopeKey(port, host), routes), clusters: [...clusters].sort() };
}

/** Answers 404 to everything: never answer a RouteConfiguration as removed, Envoy's requests would hang on it. */
export const emptyRouteConfiguration = (name: string): RouteConfiguration => marked(name, []).message;

/** Adds what every RouteConfiguration has, with the marker that tells its version in front. */
function marked(name: string, routes: Route[]): { message: RouteConfiguration; version: string } {
  const message = RouteConfiguration.fromPartial({
    name,
    // The scope has matched the host already.
    virtualHosts: [{ name, domains: ['*'], routes: [], typedPerFilterConfig: skipped }],
    typedPerFilterConfig: leftAlone,
    requestHeadersToRemove: [SCOPE_HEADER, PROBE_HEADER],
  });
  const [virtualHost] = message.virtualHosts;
  virtualHost!.routes = [...routes, notFound];
  const version = versionOf(message);
  virtualHost!.routes = [marker(version), ...routes, notFound];
  return { message, version };
}

/** What no rule takes. Without a route the fallback would go on to the wildcards above, whose rules are not this host's. */
const notFound = RouteMessage.fromPartial({
  name: 'none',
  match: { pathSpecifier: { $case: 'prefix', value: '/' } },
  action: { $case: 'directResponse', value: { status: 404 } },
});

function marker(version: string): Route {
  return RouteMessage.fromPartial({
    name: 'marker',
    match: {
      pathSpecifier: { $case: 'path', value: REVISION_PATH },
      headers: [{ name: PROBE_HEADER, headerMatchSpecifier: { $case: 'presentMatch', value: true } }],
    },
    action: {
      $case: 'directResponse',
      value: { status: 200, body: { specifier: { $case: 'inlineString', value: version } } },
    },
  });
}

export const versionOf = (message: RouteConfiguration): string =>
  createHash('sha256').update(RouteConfiguration.encode(message).finish()).digest('hex').slice(0, 32);
