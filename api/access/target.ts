import type { Services } from '../context.ts';
import type { Fleet } from '../store/fleets.ts';
import { type Access, isOfTenants } from './matrix.ts';

/**
 * The owner of the object that a request concerns: the path parameters that name a tenant or a fleet. For a fleet that
 * a tenant manages, `tenant` is that tenant.
 */
export interface Target {
  readonly tenant?: string | undefined;
  readonly fleet?: string | undefined;
}

/** Returns the tenant that manages a fleet. Operators manage shared fleets, and the fleets that they dedicate. */
export const managerOf = (fleet: Fleet | undefined): string | undefined =>
  fleet?.managedBy === 'tenant' ? fleet.tenant : undefined;

/**
 * Returns the target of a request.
 *
 * @param params the parameters of the path
 * @param now the current time in milliseconds since 1970
 */
export async function targetOf(
  { fleets }: Services,
  access: Access,
  { tenant, fleet }: Record<string, string>,
  now: number,
): Promise<Target> {
  // Only members of tenants need to know whose fleet it is.
  if (tenant !== undefined || fleet === undefined || !isOfTenants(access)) return { tenant, fleet };
  return { tenant: managerOf(await fleets.find(fleet, now)), fleet };
}
