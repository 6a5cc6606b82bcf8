import { Name } from './name.ts';

/** The name of a resource, and the tenant that owns it. */
export interface ResourceName {
  /** The owner. Absent: the tenant whose resource contains the reference. */
  tenant?: string;
  name: string;
}

/**
 * The schema of a field that refers to a resource. The form of a reference is `[tenant/]name`. This schema accepts only
 * `name`, because no kind can be shared between tenants yet.
 */
export const ReferenceText = Name;

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
