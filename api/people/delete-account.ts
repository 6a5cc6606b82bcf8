import { enumerate } from '../../model/values/quote.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { type GivenProof, requireProof, type SignedInPerson, staleProof } from './proof.ts';

/**
 * Deletes the account of a person, with the memberships and sessions. Revokes the tokens that the person limits, and
 * the open invitations of the person.
 *
 * @throws Problem as `requireProof`
 * @throws Problem `last-owner` when a tenant would have no owner
 */
export async function deleteAccount(ctx: Context, who: SignedInPerson, given: GivenProof): Promise<void> {
  const { id } = who;
  const { proof } = await requireProof(ctx, who, given);
  const result = await ctx.store.people.remove(id, proof, ctx.audit('delete', `people/${id}`));
  if (result === 'changed') throw staleProof(proof);
  if (result === 'last-owner') {
    const tenants = enumerate(await ctx.store.people.solelyOwned(id)) || 'a tenant';
    throw new Problem('last-owner', {
      detail: `you are the only owner of ${tenants}: make another member its owner, or delete the tenant, first`,
    });
  }
  ctx.services.people.forget(id);
  ctx.services.grants.changed(id);
  ctx.services.tokens.forget(({ person }) => person === id);
}
