import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import { refusedBy } from './refused.ts';

/**
 * Removes a member from a tenant. Revokes the tokens that the person limits, and the open invitations
 * of the person and of these tokens.
 *
 * @throws Problem `not-found` when the person is not a member
 * @throws Problem `last-owner` when the tenant would have no owner
 */
export async function remove(
  ctx: Context,
  { tenant, person }: { tenant: string; person: string },
  action: 'delete' | 'leave' = 'delete',
): Promise<void> {
  const audit = ctx.audit(action, `tenants/${tenant}/members/${person}`);
  const refusal = await ctx.store.members.remove(tenant, person, audit);
  ctx.services.grants.changed(person);
  ctx.services.tokens.forget((token) => token.tenant === tenant);
  if (refusal) throw await refusedBy(ctx, refusal, tenant, person);
}

/**
 * Ends the membership of the caller.
 *
 * @throws Problem `not-found` when the caller is no person
 * @throws Problem `last-owner` when the caller is the only owner
 */
export async function leave(ctx: Context, { tenant }: { tenant: string }): Promise<void> {
  const { principal } = ctx;
  if (principal.type !== 'person') throw absent('membership of this caller, which is no person');
  await remove(ctx, { tenant, person: principal.id }, 'leave');
}
