import { z } from 'zod';
import { Name } from './name.ts';

/** The name of a resource, and the tenant that owns it. */
export interface ResourceName {
  /** The owner. Absent: the tenant whose resource contains the reference. */
  tenant?: string;
  name: string;
}

/**
 * The schema of a field that refers to a resource. The form of a reference is `[tenant/]name`. This schema accepts only
 * `name`, because only gateways can be shared between tenants.
 */
export const ReferenceText = Name;

/** The schema of a reference to a gateway of the same tenant, or to a shared gateway of another tenant. */
export const GatewayReference = z
  .string()
  .max(127)
  .regex(
    /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'must be the name of a gateway, or `tenant/name` for a gateway of another tenant',
  )
  .meta({
    id: 'GatewayReference',
    description: 'The name of a gateway of the same tenant, or `tenant/name` for a shared gateway of another tenant.',
    example: 'platform/public',
  });

/**
 * Reads a reference.
 *
 * @param text `[tenant/]name`, as a schema has accepted it
 * @example parseReference('reviews') // { name: 'reviews' }
 * @example parseReference('platform/public') // { tenant: 'platform', name: 'public' }
 */
export function parseReference(text: string): ResourceName {
  const slash = text.indexOf('/');
  return slash === -1 ? { name: text } : { tenant: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** Writes a reference as `[tenant/]name`: the inverse of {@link parseReference}. */
export const formatReference = ({ tenant, name }: ResourceName): string =>
  tenant === undefined ? name : `${tenant}/${name}`;
