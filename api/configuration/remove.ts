import { referrers } from '../../model/check/index.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Kind } from '../../model/kinds/index.ts';
import { enumerate } from '../../model/values/quote.ts';
import { resourceName } from '../../model/violations.ts';
import { absent, Problem } from '../problem.ts';
import type { Attempt } from '../publishing/attempt.ts';
import { type Publication, publish } from '../publishing/publish.ts';
import { requirePreconditions } from '../version.ts';

/**
 * Deletes one resource, as a new revision.
 *
 * @throws Problem `not-found`, `precondition-failed`
 * @throws Problem `still-referenced` with each place that refers to the resource
 * @throws Problem and LostRace as `publish`
 */
export async function remove(
  ctx: Attempt,
  { tenant, kind, name }: { tenant: string; kind: Kind; name: string },
): Promise<Pick<Publication, 'revision' | 'warnings'>> {
  const head = await ctx.load();
  const current = head.etagOf(kind, name);
  if (current === undefined) throw absent(`${resourceName(kind, name)} in the tenant ${tenant}`);
  requirePreconditions(ctx.preconditions, current);
  requireUnreferenced(head.configuration, kind, name);

  const published = await publish(ctx, { head, changes: [{ verb: 'delete', kind, name }], subject: 'changes' });
  if (published.rejection) throw published.rejection;
  return published;
}

/**
 * Checks that no other resource refers to this one.
 *
 * @throws Problem `still-referenced`
 */
function requireUnreferenced(configuration: Configuration, kind: Kind, name: string): void {
  const holders = referrers(configuration, kind, name);
  if (holders.length === 0) return;
  throw new Problem('still-referenced', {
    detail: `${resourceName(kind, name)} is used by ${enumerate([...new Set(holders.map(({ resource }) => resource))])}`,
    violations: holders.map(({ resource, path }) => ({
      resource,
      path,
      code: 'refers-to-it',
      message: `refers to ${resourceName(kind, name)}`,
    })),
  });
}
