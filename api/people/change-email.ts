import type { Context } from '../context.ts';
import { countAttempt, mailKeys } from './attempts.ts';
import { CODE_FOR_MS, type GivenProof, requireProof, type SignedInPerson, staleProof } from './proof.ts';
import { newSecret } from './secrets.ts';
import { invalidCode } from './verify.ts';

/**
 * Sends a code to the new address of a person. The answer and the writes are the same when the address has an account;
 * its owner gets a mail that says so.
 *
 * @throws Problem as `requireProof`
 * @throws Problem `too-many-requests` when too many mails were requested for the address, or by the client
 */
export async function changeEmail(ctx: Context, who: SignedInPerson, email: string, given: GivenProof): Promise<void> {
  const { store, services } = ctx;
  const { publicUrl } = services.settings;
  const { id } = who;
  const { proof } = await requireProof(ctx, who, given);
  await countAttempt(ctx, await mailKeys(ctx, email));
  const known = await store.people.findByEmail(email);
  const code = newSecret('code');
  const expiresAt = known ? ctx.now : ctx.now + CODE_FOR_MS;
  const mail = known
    ? await services.mail.prepare({ to: email, template: 'address-in-use', values: { link: `${publicUrl}/sign-in` } })
    : await services.mail.prepare(
        { to: email, template: 'change-address', values: { link: `${publicUrl}/confirm-email#code=${code}` } },
        expiresAt,
      );
  const isAdded = await store.people.addCode(
    { purpose: 'email', person: id, email, createdAt: ctx.now, expiresAt },
    await services.sha256(code),
    mail,
    ctx.audit('request-email', `people/${id}`),
    proof,
  );
  if (!isAdded) throw staleProof(proof);
}

/**
 * Replaces the address of a person with the code from a mail to the new address. A mail informs the previous address.
 *
 * @throws Problem `invalid-code` when the code is unknown, of another person, has expired or was used, the address
 *   has an account meanwhile, or the session has ended
 */
export async function confirmEmail(
  ctx: Context,
  { id, session }: SignedInPerson,
  { code }: { code: string },
): Promise<void> {
  const { store, services } = ctx;
  const codeHash = await services.sha256(code);
  const found = await store.people.findCode(codeHash, 'email', ctx.now);
  const person = await store.people.find(id);
  if (!person || found?.person !== id) throw invalidCode();
  const { email } = found;
  const mail = await services.mail.prepare({
    to: person.email,
    template: 'address-changed',
    values: { address: email },
  });
  const audit = ctx.audit('change-email', `people/${id}`);
  if (!(await store.people.changeEmail({ person: id, session, email, codeHash, mail }, audit))) throw invalidCode();
  services.people.forget(id);
}
