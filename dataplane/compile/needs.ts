import type { RouteConfiguration } from '../envoy/gen/envoy/config/route/v3/route.ts';
import type { Route } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { distinct, type Needs } from './compiled.ts';

/** The key of Gatehouse's part of a route's metadata. Envoy stores it and does not read it. */
const METADATA = 'gatehouse';

/**
 * Records on a route what its policies need, because the configurations of their filters do not show it.
 *
 * @returns the same route when they need nothing
 */
export function withNeeds(route: Route, { clusters, secrets }: Needs): Route {
  if (clusters.length === 0 && secrets.length === 0) return route;
  return {
    ...route,
    metadata: { filterMetadata: { [METADATA]: { clusters, secrets } }, typedFilterMetadata: {} },
  };
}

/**
 * The resources that a compiled message needs, read from the message alone: for a message that was kept from an earlier
 * configuration.
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
