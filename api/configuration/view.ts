import type { ProblemViolation } from '../problem.ts';
import { Json } from '../reply.ts';
import type { KeptResource, StoredResource } from '../store/configuration.ts';

/** A resource as the API shows it. */
export function resourceView({ name, revision, updatedAt, spec, info }: StoredResource) {
  return { name, revision, updatedAt: new Date(updatedAt).toISOString(), spec, ...(info && { info }) };
}

/** A resource as JSON text, composed of `spec` and `info` as the database keeps them, without parsing them. */
export const keptView = ({ spec, info, ...resource }: KeptResource): Json => compose(resource, spec, info);

/** A resource that was just written as JSON text, with its warnings. `spec` is JSON text. */
export const writtenView = (
  { info, ...resource }: StoredResource,
  spec: string,
  warnings: readonly ProblemViolation[],
): Json => compose(resource, spec, info ? JSON.stringify(info) : null, `,"warnings":${JSON.stringify(warnings)}`);

type Stamped = Pick<KeptResource, 'name' | 'revision' | 'updatedAt'>;

function compose({ name, revision, updatedAt }: Stamped, spec: string, info: string | null, more = ''): Json {
  const known = JSON.stringify({ name, revision, updatedAt: new Date(updatedAt).toISOString() });
  return new Json(`${known.slice(0, -1)},"spec":${spec}${info === null ? '' : `,"info":${info}`}${more}}`);
}
