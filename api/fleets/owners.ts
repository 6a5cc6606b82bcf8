import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import type { Access } from '../access/matrix.ts';

/** The operations on the fleets of one kind of owner: the platform's operators, or a tenant with dedicated fleets. */
export interface FleetOwner {
  /** The path of one fleet. */
  path: string;
  params: z.ZodObject;
  /** The prefix of the ids of operations. */
  prefix: string;
  read: Access;
  write: Access;
}

export const OPERATOR: FleetOwner = {
  path: '/v1/fleets/{fleet}',
  params: z.object({ fleet: Name }),
  prefix: '',
  read: 'operator',
  write: 'operator',
};

/** A fleet, as the path of a request names it. */
export interface FleetPath {
  fleet: string;
  /** The tenant to which the fleet must be dedicated. Undefined on paths for operators, who may name any fleet. */
  tenant: string | undefined;
}

/** Reads the names in the path of a request. */
export const fleetPathOf = ({ fleet, tenant }: Record<string, unknown>): FleetPath => ({
  fleet: String(fleet),
  tenant: tenant === undefined ? undefined : String(tenant),
});
