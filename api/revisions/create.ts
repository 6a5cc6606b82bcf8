import type { Kind } from '../../model/kinds/index.ts';
import { resourceName } from '../../model/violations.ts';
import { etag, requirePreconditions } from '../http/etag.ts';
import type { ReplyTo } from '../http/route.ts';
import { Problem, type ProblemViolation } from '../problem.ts';
import type { Attempt } from '../publishing/attempt.ts';
import { conclude, type Outcome } from '../publishing/outcome.ts';
import { propose } from '../publishing/propose.ts';
import { restoring } from './restore.ts';

export interface CreateInput {
  tenant: string;
  message?: string | undefined;
  dryRun?: boolean | undefined;
  puts?: { kind: Kind; name: string; spec?: unknown }[] | undefined;
  deletes?: { kind: Kind; name: string }[] | undefined;
  restore?: number | undefined;
}

/**
 * Several puts and deletes as one revision, or the state of an earlier one as a new one.
 *
 * @throws Problem `precondition-failed` (If-Match is about the head), `invalid-request`, `invalid-configuration`, `host-taken`
 */
export async function create(
  ctx: Attempt,
  { tenant, puts = [], deletes = [], restore, message, dryRun }: CreateInput,
  reply: ReplyTo<Outcome>,
): Promise<Outcome> {
  ctx.authorize('tenant:write', { tenant });
  const head = await ctx.turn.load();
  requirePreconditions(ctx.preconditions, etag(head.revision));

  if (restore !== undefined) {
    if (puts.length + deletes.length > 0)
      throw new Problem('invalid-request', {
        violations: [at('/restore', 'exclusive', 'restore stands alone, without puts and deletes')],
      });
    return conclude(ctx, {
      head,
      ...(await restoring(ctx, head, restore)),
      placed: () => undefined,
      message: message ?? `restore revision ${restore}`,
      restores: restore,
      dryRun,
      reply,
    });
  }
  const proposed = await propose(
    ctx,
    head,
    puts.map(({ kind, name, spec }, index) => ({ kind, name, spec, at: `/puts/${index}/spec` })),
  );
  const gone = deletes.map(({ kind, name }) => ({ verb: 'delete' as const, kind, name }));
  for (const [index, { kind, name }] of deletes.entries()) {
    if (!head.get(kind, name))
      proposed.malformed.push(at(`/deletes/${index}`, 'not-found', `there is no ${resourceName(kind, name)}`));
    if (proposed.placed(resourceName(kind, name)) !== undefined)
      proposed.malformed.push(
        at(`/deletes/${index}`, 'duplicate', `${resourceName(kind, name)} is put and deleted at once`),
      );
  }
  return conclude(ctx, { head, ...proposed, changes: [...gone, ...proposed.changes], message, dryRun, reply });
}

const at = (pointer: string, code: string, message: string): ProblemViolation => ({
  path: pointer,
  pointer,
  code,
  message,
});
