import { Configuration } from '../../model/configuration.ts';
import { type Difference, diffing } from '../../model/diff.ts';
import { type AnswerChanges, answerChanges } from '../../model/explain/answer-changes.ts';
import type { Context } from '../context.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { inSlices } from '../pace.ts';
import { combinedNow } from '../publishing/sharing/owners.ts';
import { servingFleets } from './fleets.ts';

/** The maximum number of fields that are listed. */
const MAX_LISTED = 1_000;

/** The difference between two revisions. `moreFields` is the number of changed fields that are not listed. */
export interface Diff extends AnswerChanges {
  from: number;
  revision: number;
  fields: Difference[];
  moreFields: number;
}

/**
 * Computes the difference between two revisions: the changed fields, and the requests that the revisions answer
 * differently.
 *
 * @param input.from the earlier revision. 0 means an empty configuration. Default: the revision before `revision`.
 * @param input.signal aborted when the client disconnects
 * @throws Problem `not-found`, `revision-pruned`, and `request-timeout` when the client has disconnected
 */
export async function diff(
  ctx: Context,
  input: { tenant: string; revision: number; from?: number | undefined; signal: AbortSignal },
): Promise<Diff> {
  const { tenant, revision, from = revision - 1, signal } = input;
  // explain.ts has the same key: of both operations, the API computes one result per tenant at a time.
  return oneAtATime(ctx, `explain ${tenant}`, signal, async () => {
    const { configuration: after } = await ctx.services.heads.at(tenant, revision);
    const before = from === 0 ? Configuration.empty : (await ctx.services.heads.at(tenant, from)).configuration;
    const differences = await inSlices(diffing(before, after));
    const { all } = await ctx.services.fleets.of(tenant, ctx.now);
    const combined = {
      before: await combinedNow(ctx.services, tenant, before),
      after: await combinedNow(ctx.services, tenant, after),
    };
    const fleets = servingFleets(all, tenant, [combined.before, combined.after], { mesh: true });
    const found = await inSlices(answerChanges({ ...combined, differences, tenant, fleets }));
    const fields = differences.slice(0, MAX_LISTED);
    return { from, revision, fields, moreFields: differences.length - fields.length, ...found };
  });
}
