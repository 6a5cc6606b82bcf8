import { kindIds } from '../../model/kinds/index.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Change, Head, Put } from '../publishing/heads/head.ts';

/**
 * Computes the changes that restore the configuration of an earlier revision. They contain no private keys: the store
 * still has the sealed keys of the tenant, and finds them by their public keys.
 *
 * @throws Problem `invalid-request` when the revision does not exist yet, `revision-pruned` when it is no longer kept
 */
export async function restoring(ctx: Context, head: Head, revision: number): Promise<Change[]> {
  if (revision > head.revision)
    throw new Problem('invalid-request', {
      violations: [
        {
          path: '/restore',
          pointer: '/restore',
          code: 'unknown-revision',
          message: `there is no revision ${revision}; the head is ${head.revision}`,
        },
      ],
    });
  const then = await ctx.services.heads.at(head.tenant, revision);
  const changes: Change[] = [];
  for (const kind of kindIds) {
    for (const name of head.configuration.names(kind))
      if (!then.configuration.has(kind, name)) changes.push({ verb: 'delete', kind, name });
    for (const name of then.configuration.names(kind)) {
      const { spec, info } = then.get(kind, name)!;
      changes.push({ verb: 'put', kind, name, spec, ...(info && { info }) } as Put);
    }
  }
  return changes;
}
