import { Json } from '../http/route.ts';
import type { KeptResource, StoredResource } from '../store/port.ts';

/** A resource as the API shows it. */
export function resourceView({ name, revision, updatedAt, spec, info }: StoredResource) {
  return { name, revision, updatedAt: new Date(updatedAt).toISOString(), spec, ...(info && { info }) };
}

/** The same as JSON, from what is kept as JSON. */
export function keptView({ name, revision, updatedAt, spec, info }: KeptResource): Json {
  const known = JSON.stringify({ name, revision, updatedAt: new Date(updatedAt).toISOString() });
  return new Json(`${known.slice(0, -1)},"spec":${spec}${info === null ? '' : `,"info":${info}`}}`);
}
