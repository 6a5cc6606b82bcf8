import type { Kind } from '../../model/kinds/index.ts';
import { resourceName } from '../../model/violations.ts';
import { Problem, type ProblemViolation } from '../problem.ts';
import type { Attempt } from '../publishing/attempt.ts';
import type { Change, Head } from '../publishing/heads/head.ts';
import { conclude, type Outcome } from '../publishing/outcome.ts';
import { type Proposed, propose } from '../publishing/propose.ts';
import type { ReplyTo } from '../reply.ts';
import { requirePreconditions } from '../version.ts';
import { restoring } from './restore.ts';

/** The body of the request. */
export interface CreateInput {
  /** The reason for the change. */
  message?: string | undefined;
  puts?: { kind: Kind; name: string; spec?: unknown }[] | undefined;
  deletes?: { kind: Kind; name: string }[] | undefined;
  /** The revision to restore, instead of puts and deletes. */
  restore?: number | undefined;
}

/**
 * Publishes several puts and deletes as one revision, or publishes the state of an earlier revision as a new one.
 *
 * @param reply makes the reply that the batch stores for a repeated request with the same `Idempotency-Key`
 * @throws Problem `precondition-failed` when `If-Match` does not match the head
 * @throws Problem `invalid-request`, `revision-pruned`
 * @throws Problem and LostRace as `publish`
 */
export async function create(
  ctx: Attempt,
  { puts = [], deletes = [], restore, message }: CreateInput,
  reply: ReplyTo<Outcome>,
): Promise<Outcome> {
  const head = await ctx.load();
  requirePreconditions(ctx.preconditions, head.etag);
  if (restore === undefined) {
    const proposed = await several(ctx, head, puts, deletes);
    return conclude(ctx, { head, message, ...proposed }, reply);
  }
  if (puts.length + deletes.length > 0)
    throw new Problem('invalid-request', {
      violations: [at('/restore', 'exclusive', 'restore excludes puts and deletes')],
    });
  const changes = await restoring(ctx, head, restore);
  const why = message ?? `restore revision ${restore}`;
  return conclude(ctx, { head, changes, message: why, restores: restore }, reply);
}

/** Parses the puts. Reports each delete of a resource that does not exist, or that the same body also writes. */
async function several(
  ctx: Attempt,
  head: Head,
  puts: NonNullable<CreateInput['puts']>,
  deletes: NonNullable<CreateInput['deletes']>,
): Promise<Proposed> {
  const written = puts.map((put, index) => ({ ...put, spec: put.spec, at: `/puts/${index}/spec` }));
  const proposed = await propose(ctx, head, written);
  const malformed = [...proposed.malformed];
  for (const [index, { kind, name }] of deletes.entries()) {
    const resource = resourceName(kind, name);
    if (!head.get(kind, name)) malformed.push(at(`/deletes/${index}`, 'not-found', `there is no ${resource}`));
    if (proposed.placed(resource) !== undefined)
      malformed.push(at(`/deletes/${index}`, 'duplicate', `${resource} is put and deleted at once`));
  }
  const gone = deletes.map(({ kind, name }): Change => ({ verb: 'delete', kind, name }));
  return { ...proposed, changes: [...gone, ...proposed.changes], malformed };
}

/** Makes a violation at a place in the body. */
const at = (pointer: string, code: string, message: string): ProblemViolation => ({
  path: pointer,
  pointer,
  code,
  message,
});
