import type { Context } from '../context.ts';
import { absent } from '../problem.ts';

/**
 * Revokes an invitation.
 *
 * @throws Problem `not-found` when the tenant has no such invitation, or it was accepted or revoked
 */
export async function revoke(ctx: Context, { tenant, id }: { tenant: string; id: string }): Promise<void> {
  const audit = ctx.audit('revoke', `tenants/${tenant}/invitations/${id}`);
  if (!(await ctx.store.invitations.revoke(tenant, id, ctx.now, audit)))
    throw absent(`invitation ${id} that can be revoked`);
}
