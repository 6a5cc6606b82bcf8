import { resourceName } from '../../model/violations.ts';
import type { ProblemViolation } from '../problem.ts';
import type { Accepted } from '../publishing/accept.ts';
import type { Attempt } from '../publishing/attempt.ts';
import { type Head, jsonOf } from '../publishing/heads/head.ts';
import { only } from '../publishing/placement.ts';
import { publish } from '../publishing/publish.ts';
import type { StoredResource } from '../store/configuration.ts';

/** One resource after a write, or its preview in a dry run. */
export interface Written {
  /** The revision that contains it. */
  revision: number;
  resource: StoredResource;
  /** The ETag of the resource. */
  etag: string;
  /** The spec as stored JSON. Undefined when nothing changed. */
  json: string | undefined;
  /** Whether the write created the resource. */
  created: boolean;
  warnings: ProblemViolation[];
}

/**
 * Publishes the change of one resource. The body of the request is the spec of this resource.
 *
 * @param notes warnings about parts of the body that the change lacks
 * @throws Problem and LostRace as `publish`. A dry run throws the same problems.
 */
export async function write(
  ctx: Attempt,
  head: Head,
  { change, keys }: Accepted,
  notes: readonly ProblemViolation[],
): Promise<Written> {
  const { kind, name } = change;
  const placed = only(resourceName(kind, name));
  const published = await publish(ctx, { head, changes: [change], keys, notes, placed, subject: 'changes' });
  if (published.rejection) throw published.rejection;
  const { revision, next, effective, warnings } = published;
  return {
    ...{ revision, resource: next.get(kind, name)!, etag: next.etagOf(kind, name)!, json: jsonOf(effective), warnings },
    created: head.etagOf(kind, name) === undefined,
  };
}
