import type { RouteConfiguration } from '../envoy/gen/envoy/config/route/v3/route.ts';
import type { Route } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { distinct, type Needs } from './compiled.ts';

/** The key of Gatehouse's part of a route's metadata. Envoy stores this part and does not read it. */
const METADATA = 'gatehouse';

/**
 * Writes the needs of a route's policies into the metadata of the route. {@link needsOf} reads them from there, because
 * the encoded configurations of the filters do not show them.
 *
 * @returns a copy of the route; the same route when the policies need nothing
 */
export function withNeeds(route: Route, { clusters, secrets }: Needs): Route {
  if (clusters.length === 0 && secrets.length === 0) return route;
  return {
    ...route,
    metadata: { filterMetadata: { [METADATA]: { clusters, secrets } }, typedFilterMetadata: {} },
  };
}

/**
 * Reads the needs of routes from their message alone. It is used for a message that was compiled from an earlier
 * configuration, which is no longer known.
 *
 * @returns the clusters to which the routes send or mirror requests, and the needs that {@link withNeeds} wrote
 */
export function needsOf({ virtualHosts }: RouteConfiguration): Needs {
  const routes = virtualHosts.flatMap((host) => host.routes);
  const written = routes.map(({ metadata }) => metadata?.filterMetadata[METADATA] as Partial<Needs> | undefined);
  return {
    clusters: distinct([...routes.flatMap(clustersOf), ...written.flatMap((each) => each?.clusters ?? [])]),
    secrets: distinct(written.flatMap((each) => each?.secrets ?? [])),
  };
}

function clustersOf({ action }: Route): string[] {
  if (action?.$case !== 'route') return [];
  const { clusterSpecifier, requestMirrorPolicies } = action.value;
  const mirrors = requestMirrorPolicies.map(({ cluster }) => cluster);
  if (clusterSpecifier?.$case === 'cluster') return [clusterSpecifier.value, ...mirrors];
  if (clusterSpecifier?.$case !== 'weightedClusters') return mirrors;
  return [...clusterSpecifier.value.clusters.map(({ name }) => name), ...mirrors];
}
