import type { Context } from '../context.ts';
import { read } from '../domains/read.ts';
import { clientGone, Problem } from '../problem.ts';
import type { Domain } from '../store/domains.ts';
import { examine } from './examine.ts';
import { withdrawRivals } from './withdraw.ts';

/** The shortest time between two checks of a domain, in ms: each asks several name servers of others. */
const PAUSE_MS = 5_000;

/**
 * Looks for the proof of a domain now.
 *
 * @returns the domain after the check
 * @throws Problem `not-found` when the tenant has not claimed it
 * @throws Problem `too-many-requests` when it was checked a few seconds ago, or another check of the tenant runs
 */
export async function check(ctx: Context, input: { tenant: string; domain: string }): Promise<Domain> {
  const domain = await read(ctx, input);
  return ctx.services.checks.run(input.tenant, () => checkNow(ctx, domain));
}

async function checkNow(ctx: Context, domain: Domain): Promise<Domain> {
  const { tenant, name } = domain;
  if (ctx.signal?.aborted) throw clientGone();
  if (!(await ctx.store.domains.begin(domain, ctx.now, ctx.now - PAUSE_MS)))
    throw new Problem('too-many-requests', {
      detail: 'the domain was checked a few seconds ago',
      headers: { 'retry-after': String(PAUSE_MS / 1000) },
    });
  const target = `tenants/${tenant}/domains/${name}`;
  const change = await examine(ctx.services, domain, (made) => ctx.audit(made, target));
  if (change === 'prove') await withdrawRivals(ctx.services, domain);
  return read(ctx, { tenant, domain: name });
}
