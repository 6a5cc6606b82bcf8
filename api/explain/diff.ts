import { Configuration } from '../../model/configuration.ts';
import { type Difference, diffing } from '../../model/diff.ts';
import { type AnswerChanges, answerChanges } from '../../model/explain/answer-changes.ts';
import type { Context } from '../context.ts';
import { inSlices } from '../pace.ts';
import { Problem } from '../problem.ts';
import { servingFleets } from './fleets.ts';

/** Fields that are listed. */
const LISTED = 1_000;

export interface Diff extends AnswerChanges {
  from: number;
  revision: number;
  fields: Difference[];
  moreFields: number;
}

/**
 * What differs between two revisions: the fields, and the requests that are answered differently.
 *
 * @param input.from the earlier revision; 0 for an empty configuration; default: the one before `revision`
 * @throws Problem `not-found`, `revision-pruned`
 */
export async function diff(
  ctx: Context,
  input: { tenant: string; revision: number; from?: number | undefined; signal: AbortSignal },
): Promise<Diff> {
  const { tenant, revision, from = revision - 1, signal } = input;
  const work = async () => {
    if (signal.aborted) throw new Problem('request-timeout', { detail: 'the client is gone' });
    const { configuration: after } = await ctx.services.heads.at(tenant, revision);
    const before = from === 0 ? Configuration.empty : (await ctx.services.heads.at(tenant, from)).configuration;
    const differences = await inSlices(diffing(before, after));
    const { all } = await ctx.services.fleets.current(ctx.now);
    const fleets = servingFleets(all, tenant, [before, after]);
    const found = await inSlices(answerChanges({ before, after, differences, tenant, fleets }));
    const fields = differences.slice(0, LISTED);
    return { from, revision, fields, moreFields: differences.length - fields.length, ...found };
  };
  // As explain: one of a tenant at a time.
  return ctx.services.statuses ? ctx.services.statuses.take(`explain ${tenant}`, work) : work();
}
