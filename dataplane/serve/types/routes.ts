import { hasDelegation } from '../../../model/binding/delegation.ts';
import { scopeTable } from '../../../model/binding/scope-table.ts';
import { rulesFor } from '../../../model/matching/precedence.ts';
import { isObserved, reportMilestone } from '../../../wire/milestones.ts';
import * as compile from '../../compile/index.ts';
import type { Client } from '../client.ts';
import { needs } from '../failure.ts';
import { isReady } from '../ready.ts';
import type { Target } from '../sending/lane-options.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { encodeRoutes, nothing, ROUTES_URL, renamed } from '../state/route-resources.ts';
import type { Routes } from '../state/tenants.ts';
import type { Source, TypeHandlers, XdsType } from '../type.ts';
import { cluster } from './cluster.ts';

/**
 * The largest number of RouteConfigurations per response. Only a burst (many routes due at the same time) shares a
 * response. A single change is sent immediately.
 */
const ROUTES_TOGETHER = 64;

/** About 1,000 conditions. They keep Envoy's main thread busy for 10 ms. */
const LARGE = 64 * 1024;

/** RouteConfigurations: one per host and port. Envoy loads each with the first request for its host. */
export const routes: XdsType<Routes> = {
  id: 'routes',
  url: ROUTES_URL,
  isWholeState: false,
  servedTo: { edge: true, sidecar: true, proxyless: true },
  pace: { batch: ROUTES_TOGETHER, window: 128, large: LARGE },
  isConfidential: false,
  owner: (state, name) => state.scopeHolder(compile.parseRoutesName(name).key),
  find,
  versionIn: (source, name) => encodeRoutes(compiled(source, name).message).version,
  partsIn: ({ configuration, owner, fleet }, name) => {
    const { zone, host } = compile.parseScopeKey(compile.parseRoutesName(name).key);
    const scope = scopeTable(configuration, owner, fleet).scope(compile.portOfZone(zone), host);
    if (!scope || !hasDelegation(configuration)) return { kind: 'route', names: scope?.routes ?? [] };
    const serving = rulesFor(configuration, scope).flatMap(({ route, via = [] }) => [
      route,
      ...via.map((each) => each.route),
    ]);
    return { kind: 'route', names: [...new Set([...scope.routes, ...serving])] };
  },
  isChangedBy: ({ onlyEndpoints }) => !onlyEndpoints,
  isUnaffectedBy: ({ affectsRoutes }, name) => affectsRoutes?.(name) === false,
  tenantChanged: (state, tenant) => {
    state.heldBack.reconsider(tenant, () => state.wholeOf(tenant));
    state.lastGood.reconsider(tenant, (name) => {
      const found = state.source(tenant);
      return found && routes.versionIn(found.source, name);
    });
  },
  open,
};

/**
 * Returns the routes of a name, which are empty when no tenant has the host. If a response removed a RouteConfiguration
 * instead, the requests in Envoy that wait for it would hang.
 */
function find(state: FleetState, name: string): Routes {
  const owner = routes.owner(state, name);
  const found = owner === undefined ? undefined : state.source(owner);
  if (!found) return { resource: nothing(name), clusters: [], tenant: undefined, revision: 0 };
  const { tenant, source } = found;
  const cached = tenant.routes.get(name);
  if (cached) return cached;
  const made = build(state, source, tenant.revision, name);
  tenant.routes.set(name, made);
  return made;
}

function build(state: FleetState, source: Source, revision: number, name: string): Routes {
  const { key, form } = compile.parseRoutesName(name);
  if (form === 'second') return underName(find(state, key), name);
  const { message, needs: needed } = compiled(source, name);
  const resource = encodeRoutes(message);
  return state.lastGood.inPlaceOf({ resource, clusters: needed.clusters, tenant: source.owner, revision });
}

function compiled({ configuration, owner, fleet }: Source, name: string) {
  const { key, form } = compile.parseRoutesName(name);
  const { zone, host } = compile.parseScopeKey(key);
  const port = compile.portOfZone(zone);
  return form === 'grpc'
    ? compile.grpcRouteConfiguration(configuration, owner, fleet, port, host, name)
    : compile.routeConfiguration(configuration, owner, fleet, zone, host);
}

function underName({ insteadOf, ...rest }: Routes, name: string): Routes {
  const resource = renamed(rest.resource, name);
  return { ...rest, resource, ...(insteadOf && { insteadOf: underName(insteadOf, name) }) };
}

function open(client: Client): TypeHandlers {
  const { reports } = client;
  return {
    target: (name) => target(client, name),
    acked: (name, resource, entries) => client.routes.settled(name, resource, entries),
    nacked: (name, resource, entries, message) => client.routes.rejected(name, resource, entries, message),
    failed: (name, entries, error) => {
      reports.failed(routes, name, entries, error);
      return client.routes.failed(name);
    },
    send: (resources, removed) => {
      const nonce = client.send(routes, resources, removed);
      if (isObserved()) reportSent(client, resources);
      return nonce;
    },
    brought: (name, version) => client.routes.brought(name, version),
    changed: ({ scopesAdded, scopesRemoved }, entry) => {
      const lane = client.lane('routes');
      const names = [
        ...scopesAdded.flatMap((key) => client.routes.subscribedNames(key)),
        ...scopesRemoved.flatMap((key) => client.routes.loadedNames(key)),
      ];
      for (const name of names) lane.mark(name, entry);
    },
    subscribed: (name) => client.eviction.used(name),
    unsubscribed: (name) => {
      client.routes.release(name);
      client.use.release(name);
      client.eviction.released(name);
    },
  };
}

/**
 * Returns the target state of routes. The result is `later` until the clusters that they use, and the endpoints of
 * these clusters, are sent.
 */
function target(client: Client, name: string): Target {
  const { catalog, stream, owners, use, view } = client;
  const { key, form } = compile.parseRoutesName(name);
  if (!view.forms.includes(form) || !view.hasScope(key)) return nothing(name);
  const current = client.routes.current(name);
  if (!current.tenant && !catalog.state.complete) return 'later';
  reportMilestone('compiled', current.tenant);
  if (current.tenant) owners.own(routes, name, current.tenant);
  if (!view.getsClustersFirst || !stream.wildcard(cluster.url)) return current.resource;
  use.claim(name, current.clusters);
  client.lane('cluster').flush();
  if (client.routes.isHeld(name)) assertUsable(client, current.clusters);
  return current.clusters.every((each) => isReady(client, each)) ? current.resource : 'later';
}

/**
 * Checks that all clusters of new routes can be used. The caller checks only for a client that already holds routes of
 * the host. A client without routes gets the current ones in any case, so that the paths to other clusters work.
 *
 * @throws Error when a cluster cannot be used; the client then keeps the routes that it holds
 */
function assertUsable({ use }: Client, clusters: readonly string[]): void {
  for (const name of clusters) {
    const reason = use.failed(name);
    if (reason !== undefined) throw new Error(needs(name, reason));
  }
}

/** Reports to measurements when routes are encoded, and when the operating system has them. */
function reportSent({ owners, stream }: Client, resources: readonly { name: string }[]): void {
  const tenants = resources.map(({ name }) => owners.owner(routes, name));
  for (const tenant of tenants) reportMilestone('encoded', tenant);
  stream.onDrain(() => {
    for (const tenant of tenants) reportMilestone('pushed', tenant);
  });
}
