import type { StoredResource } from '../store/port.ts';

/** A resource as the API shows it. */
export function resourceView({ name, revision, updatedAt, spec, info }: StoredResource) {
  return { name, revision, updatedAt: new Date(updatedAt).toISOString(), spec, ...(info && { info }) };
}
