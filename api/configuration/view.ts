import type { ProblemViolation } from '../problem.ts';
import { Json } from '../reply.ts';
import type { StoredResource } from '../store/configuration.ts';
import type { KeptResource } from '../store/contents.ts';

/** Makes the JSON text of one page of a list. */
export const pageView = ({ items, next }: { items: readonly KeptResource[]; next?: string }): Json =>
  new Json(
    `{"items":[${items.map((each) => keptView(each).text).join()}]${next === undefined ? '' : `,"next":${JSON.stringify(next)}`}}`,
  );

/** Makes the JSON text of a stored resource. It inserts `spec` and `info` as stored, without parsing them. */
export const keptView = ({ spec, info, ...resource }: KeptResource): Json => compose(resource, spec, info);

/** Makes the JSON text of a resource that was just written, or of the dry run of a write. `spec` is JSON text. */
export const writtenView = (
  { info, ...resource }: StoredResource,
  spec: string,
  { dryRun, warnings }: { dryRun: boolean; warnings: readonly ProblemViolation[] },
): Json =>
  compose(
    resource,
    spec,
    info ? JSON.stringify(info) : null,
    `,"dryRun":${dryRun},"warnings":${JSON.stringify(warnings)}`,
  );

type Stamped = Pick<KeptResource, 'name' | 'revision' | 'updatedAt'>;

/** Makes the JSON text of a resource. `spec` and `info` are JSON text, and `more` is appended after the last member. */
function compose({ name, revision, updatedAt }: Stamped, spec: string, info: string | null, more = ''): Json {
  const known = JSON.stringify({ name, revision, updatedAt: new Date(updatedAt).toISOString() });
  return new Json(`${known.slice(0, -1)},"spec":${spec}${info === null ? '' : `,"info":${info}`}${more}}`);
}
