import type { Context } from '../context.ts';
import type { SignedInPerson } from '../people/proof.ts';
import { absent } from '../problem.ts';

/**
 * Removes a passkey of a person. A mail informs the person.
 *
 * @throws Problem `not-found` when the person has no such passkey
 */
export async function remove(ctx: Context, { id: person }: SignedInPerson, id: string): Promise<void> {
  const { store, services } = ctx;
  const owner = await store.people.find(person);
  const passkey = (await store.passkeys.list(person)).find((each) => each.id === id);
  if (!owner || !passkey) throw absent(`passkey ${id}`);
  const link = `${services.settings.publicUrl}/forgot-password`;
  const mail = await services.mail.prepare({
    to: owner.email,
    template: 'passkey-removed',
    values: { name: passkey.name, link },
  });
  const audit = ctx.audit('remove', `people/${person}/passkeys/${id}`);
  if (!(await store.passkeys.remove(person, id, mail, audit))) throw absent(`passkey ${id}`);
}
