import { resourceName } from '../../model/violations.ts';
import type { ProblemViolation } from '../problem.ts';
import type { Accepted } from '../publishing/accept.ts';
import type { Attempt } from '../publishing/attempt.ts';
import { type Head, jsonOf } from '../publishing/heads/head.ts';
import { only } from '../publishing/placement.ts';
import { publish } from '../publishing/publish.ts';
import type { StoredResource } from '../store/configuration.ts';

/** One resource after a write, or as it would be after a dry run. */
export interface Written {
  /** The revision that contains it. */
  revision: number;
  resource: StoredResource;
  /** Its spec as it is kept; undefined when nothing changed. */
  json: string | undefined;
  /** Whether it did not exist before. */
  created: boolean;
  warnings: ProblemViolation[];
}

/**
 * Publishes one accepted resource. The body of the request is its spec.
 *
 * @throws as `publish`, also in a dry run
 */
export async function write(ctx: Attempt, head: Head, { change, keys }: Accepted): Promise<Written> {
  const { kind, name } = change;
  const placed = only(resourceName(kind, name));
  const published = await publish(ctx, { head, changes: [change], keys, placed, subject: 'changes' });
  if (published.rejection) throw published.rejection;
  const { revision, next, effective, warnings } = published;
  const created = head.version(kind, name) === undefined;
  return { revision, resource: next.get(kind, name)!, json: jsonOf(effective), created, warnings };
}
