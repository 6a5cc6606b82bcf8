import type { Context } from '../context.ts';
import type { SignedInPerson } from '../people/proof.ts';
import { absent } from '../problem.ts';

/**
 * Renames a passkey of a person.
 *
 * @throws Problem `not-found` when the person has no such passkey
 */
export async function rename(ctx: Context, { id: person }: SignedInPerson, id: string, name: string): Promise<void> {
  const audit = ctx.audit('rename', `people/${person}/passkeys/${id}`);
  if (!(await ctx.store.passkeys.rename(person, id, name, audit))) throw absent(`passkey ${id}`);
}
