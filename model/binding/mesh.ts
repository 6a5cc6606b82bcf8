/**
 * The mesh: the routes by which the services of a tenant reach each other. Sidecars and proxyless gRPC clients serve
 * them, and no edge does: docs/decisions/0036-mesh.md.
 */
import type { Configuration } from '../configuration.ts';
import { Fact } from '../fact.ts';
import type { Fleet } from '../fleet.ts';
import type { Route } from '../kinds/route.ts';
import { MESH } from '../values/reference.ts';

/** The port of the mesh in scopes. No server can have it. */
export const MESH_PORT = 0;

/** Whether a route is bound to the mesh. */
export const isInMesh = ({ gateways = [] }: Pick<Route, 'gateways'>): boolean => gateways.includes(MESH);

/**
 * Whether the sidecars of a fleet serve the mesh of a tenant. Only fleets of this tenant do: no tenant claims the hosts
 * of its mesh, so two tenants may have the same ones.
 */
export const servesMesh = ({ tenant: only }: Pick<Fleet, 'tenant'>, tenant: string): boolean => only === tenant;

const known = new Fact<boolean>();

/** Whether any route is bound to the mesh. */
export function hasMesh(configuration: Configuration): boolean {
  const routes = configuration.identity('route');
  let found = known.of(routes);
  if (found === undefined) {
    found = false;
    for (const [, route] of configuration.entries('route')) if (isInMesh(route)) found = true;
    known.note(routes, found);
  }
  return found;
}

/** Returns the fleets whose sidecars serve routes of a tenant. It reads no route unless a fleet is the tenant's own. */
export function meshFleets<F extends Pick<Fleet, 'tenant'>>(
  fleets: readonly F[],
  tenant: string,
  configurations: readonly Configuration[],
): F[] {
  const own = fleets.filter((fleet) => servesMesh(fleet, tenant));
  return own.length > 0 && configurations.some(hasMesh) ? own : [];
}
