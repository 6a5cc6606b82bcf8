import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { confirmPassword } from './password.ts';
import { wrongCredentials } from './sign-in.ts';

/**
 * Deletes the account of a person, with the memberships and sessions. Tokens that the person created permit nothing any
 * more.
 *
 * @throws Problem `wrong-credentials` when the password is wrong
 * @throws Problem `last-owner` when a tenant would have no owner
 */
export async function deleteAccount(ctx: Context, id: string, { password }: { password: string }): Promise<void> {
  const { hash } = await confirmPassword(ctx, id, password);
  const result = await ctx.store.people.remove(id, hash, ctx.audit('delete', `people/${id}`));
  if (result === 'changed') throw wrongCredentials();
  if (result === 'last-owner')
    throw new Problem('last-owner', {
      detail: 'you are the only owner of a tenant: make another member its owner, or delete the tenant, first',
    });
  ctx.services.people.forget(id);
  ctx.services.grants.changed(id);
}
