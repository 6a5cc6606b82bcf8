/** Turns a body into Envoy's resources with the product's own schemas, checks and compiler. */
import * as compile from '../../../dataplane/compile/index.ts';
import type { VirtualHost } from '../../../dataplane/envoy/gen/envoy/config/route/v3/route_components.ts';
import type { XdsResource } from '../../../dataplane/xds/resource.ts';
import { scopeTable } from '../../../model/binding/scope-table.ts';
import { check } from '../../../model/check/index.ts';
import { Configuration } from '../../../model/configuration.ts';
import type { Fleet } from '../../../model/fleet.ts';
import type { Gateway } from '../../../model/kinds/gateway.ts';
import type { Route } from '../../../model/kinds/route.ts';
import type { Upstream } from '../../../model/kinds/upstream.ts';
import { parse } from '../../../model/violations.ts';
import * as encode from '../../xds/encode.ts';
import { GATEWAY, type Spec, SUBSETS, UPSTREAMS } from './bodies.ts';

const TENANT = 'acme';
const fleet: Fleet = {
  name: 'drill',
  labels: { ingress: 'drill' },
  // Host ownership is not checked here; only Envoy's verdict matters.
  tenant: TENANT,
  ports: [{ number: 80, bind: 80, protocol: 'HTTP' }],
};
const others: Upstream = {
  port: 80,
  endpoints: [],
  subsets: SUBSETS.map((name) => ({ name, labels: { version: name } })),
};

export interface Resources {
  virtualHosts: VirtualHost[];
  clusters: XdsResource[];
  endpoints: Map<string, XdsResource>;
}

/** Compiles a body. Returns undefined when the API would reject it. @param serial makes the names of one run unique */
export function resources({ kind, body }: Spec, serial: number): Resources | undefined {
  const parsed = parse(kind, 'it', body);
  if (!parsed.ok) return undefined;
  return kind === 'route' ? ofRoute(parsed.spec as Route) : ofUpstream(parsed.spec as Upstream, `u${serial}`);
}

function ofRoute(route: Route): Resources | undefined {
  const gateway: Gateway = {
    selector: fleet.labels,
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [...new Set(route.hosts)] }],
  };
  const configuration = Configuration.fromDocument({
    gateways: { [GATEWAY]: gateway },
    routes: { it: route },
    upstreams: Object.fromEntries(UPSTREAMS.map((name) => [name, others])),
  });
  if (check(configuration).errors.length > 0) return undefined;
  const virtualHosts = scopeTable(configuration, TENANT, fleet).scopes.flatMap(
    ({ port, host }) => compile.routeConfiguration(configuration, TENANT, fleet, port, host).message.virtualHosts,
  );
  return { virtualHosts, clusters: [], endpoints: new Map() };
}

function ofUpstream(upstream: Upstream, name: string): Resources | undefined {
  const configuration = Configuration.fromDocument({ upstreams: { [name]: upstream } });
  if (check(configuration).errors.length > 0) return undefined;
  const names = [undefined, ...(upstream.subsets ?? []).map((subset) => subset.name)].map((subset) =>
    [TENANT, name, subset].filter(Boolean).join('/'),
  );
  return {
    virtualHosts: [],
    clusters: names.map((each) => encode.cluster(compile.cluster(configuration, TENANT, fleet, each).message)),
    endpoints: new Map(
      names.flatMap((each) => {
        const assignment = compile.endpoints(configuration, fleet, each);
        if (!assignment) return [];
        // Envoy acknowledges a cluster after the first health check of its endpoints, and a check may take hours.
        const sent = upstream.healthChecks ? { ...assignment, endpoints: [] } : assignment;
        return [[each, encode.endpoints(sent)] as const];
      }),
    ),
  };
}
