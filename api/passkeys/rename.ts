import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import type { SignedInPerson } from '../people/proof.ts';
import { absent } from '../problem.ts';

/**
 * Renames a passkey of a person.
 *
 * @throws Problem `not-found` when the person has no such passkey
 */
export async function rename(ctx: Context, { id: person }: SignedInPerson, id: string, name: string): Promise<void> {
  const before = (await ctx.store.passkeys.list(person)).find((passkey) => passkey.id === id);
  const audit = {
    ...ctx.audit('rename', `people/${person}/passkeys/${id}`),
    diff: objectDiff({ name: before?.name }, { name }),
  };
  if (!(await ctx.store.passkeys.rename(person, id, name, audit))) throw absent(`passkey ${id}`);
}
