/** Turns a body into Envoy's resources with the product's own schemas, checks and compiler. */
import * as compile from '../../../dataplane/compile/index.ts';
import type { Listener } from '../../../dataplane/envoy/gen/envoy/config/listener/v3/listener.ts';
import type { VirtualHost } from '../../../dataplane/envoy/gen/envoy/config/route/v3/route_components.ts';
import type { XdsResource } from '../../../dataplane/xds/resource.ts';
import { scopeTable } from '../../../model/binding/scope-table.ts';
import { check } from '../../../model/check/index.ts';
import { Configuration } from '../../../model/configuration.ts';
import type { Fleet } from '../../../model/fleet.ts';
import type { Gateway, Server } from '../../../model/kinds/gateway.ts';
import type { Route } from '../../../model/kinds/route.ts';
import type { Upstream } from '../../../model/kinds/upstream.ts';
import { parse } from '../../../model/violations.ts';
import * as encode from '../../xds/encode.ts';
import { GATEWAY, type Spec, SUBSETS, UPSTREAMS } from './bodies.ts';
import { credentials } from './credentials.ts';
import { PORTS } from './doors.ts';
import { compiledListeners } from './listeners.ts';

const TENANT = 'acme';
const fleet: Fleet = {
  name: 'drill',
  labels: { ingress: 'drill' },
  // Host ownership is not checked here; only Envoy's verdict matters.
  tenant: TENANT,
  ports: PORTS,
};
const others: Upstream = {
  port: 80,
  endpoints: [],
  subsets: SUBSETS.map((name) => ({ name, labels: { version: name } })),
};

export interface Resources {
  virtualHosts: VirtualHost[];
  listeners: Listener[];
  clusters: XdsResource[];
  endpoints: Map<string, XdsResource>;
}

const nothing: Resources = { virtualHosts: [], listeners: [], clusters: [], endpoints: new Map() };

/** Compiles a body. Returns undefined when the API would reject it. @param serial makes the names of one run unique */
export function resources({ kind, body }: Spec, serial: number): Resources | undefined {
  const parsed = parse(kind, 'it', body);
  if (!parsed.ok) return undefined;
  if (kind === 'gateway') return ofGateway(parsed.spec as Gateway, serial);
  if (kind === 'upstream') return ofUpstream(parsed.spec as Upstream, `u${serial}`);
  const route = parsed.spec as Route;
  return route.http ? ofRoute(route) : ofConnections(route, serial);
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
  return { ...nothing, virtualHosts };
}

/** A gateway, with routes that use all of it. */
function ofGateway(gateway: Gateway, serial: number): Resources | undefined {
  const to = [{ route: [{ destination: { upstream: UPSTREAMS[0]! } }] }];
  const names = [...new Set(gateway.servers.flatMap(({ hosts }) => hosts))];
  return ofDoors(
    gateway,
    { gateways: [GATEWAY], tcp: to, udp: to, tls: [{ match: [{ sniHosts: names }], ...to[0]! }] },
    serial,
  );
}

/** Rules for connections, with a gateway that has a server for each. */
function ofConnections(route: Route, serial: number): Resources | undefined {
  const names = [
    ...new Set([
      ...(route.hosts ?? []),
      ...(route.tls ?? []).flatMap(({ match }) => match.flatMap((each) => each.sniHosts)),
    ]),
  ];
  const servers = PORTS.filter(({ protocol }) => !protocol.startsWith('HTTP')).map(
    ({ number, protocol }): Server => ({
      port: { number, name: `p${number}`, protocol: protocol as Server['port']['protocol'] },
      hosts: protocol === 'TLS' && names.length > 0 ? names : ['*'],
      ...(protocol === 'TLS' && {
        tls: serial % 2 ? { mode: 'PASSTHROUGH' } : { mode: 'SIMPLE', credentialName: 'ecdsa' },
      }),
    }),
  );
  return ofDoors({ selector: fleet.labels, servers }, route, serial);
}

function ofDoors(gateway: Gateway, route: Route, serial: number): Resources | undefined {
  const base = UPSTREAMS.reduce((all, name) => all.with('upstream', name, others), credentials);
  const configuration = base.with('gateway', GATEWAY, gateway).with('route', 'it', route);
  if (check(configuration).errors.length > 0) return undefined;
  return { ...nothing, listeners: compiledListeners(configuration, TENANT, fleet, serial) };
}

function ofUpstream(upstream: Upstream, name: string): Resources | undefined {
  const configuration = credentials.with('upstream', name, upstream);
  if (check(configuration).errors.length > 0) return undefined;
  const names = [undefined, ...(upstream.subsets ?? []).map((subset) => subset.name)].map((subset) =>
    [TENANT, name, subset].filter(Boolean).join('/'),
  );
  return {
    ...nothing,
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
