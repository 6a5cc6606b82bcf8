import type { Context } from '../context.ts';
import type { Passkey } from '../store/passkeys.ts';
import { timeOf } from '../time-of.ts';
import { countAttempt, mailKeys, signInKeys } from './attempts.ts';
import { CODE_FOR_MS, type GivenProof, requireProof, type SignedInPerson, staleProof } from './proof.ts';
import { newSecret } from './secrets.ts';
import { invalidCode } from './verify.ts';

/**
 * Sends a code for a new password. For an address without an account, it does the same work, but queues no mail.
 *
 * @throws Problem `too-many-requests` when too many mails were requested for the address, or by the client
 */
export async function forgotPassword(ctx: Context, { email }: { email: string }): Promise<void> {
  const { store, services } = ctx;
  await countAttempt(ctx, await mailKeys(ctx, email));
  const person = (await store.people.findByEmail(email))?.person;
  const code = newSecret('code');
  // The code of nobody has expired when it is written, so the next run of the job deletes it.
  const expiresAt = person ? ctx.now + CODE_FOR_MS : ctx.now;
  const link = `${services.settings.publicUrl}/reset-password#code=${code}`;
  const mail = await services.mail.prepare(
    { to: email, template: 'reset-password', values: { link } },
    ctx.now + CODE_FOR_MS,
  );
  await store.people.addCode(
    { purpose: 'reset', ...(person && { person: person.id }), email, createdAt: ctx.now, expiresAt },
    await services.sha256(code),
    person ? mail : { ...mail, limit: { ...mail.limit, most: 0 } },
    ctx.audit('reset', 'people'),
  );
}

/**
 * Sets a new password with the code from a mail. All sessions of the person end.
 *
 * @returns the passkeys of the person, which stay
 * @throws Problem `invalid-code` when the code is unknown, has expired or was used
 * @throws Problem `invalid-request` when the password is one that attackers try first
 */
export async function resetPassword(
  ctx: Context,
  { code, password }: { code: string; password: string },
): Promise<Passkey[]> {
  const { store, services } = ctx;
  const { people, sha256 } = services;
  const codeHash = await sha256(code);
  const found = await store.people.findCode(codeHash, 'reset', ctx.now);
  if (found?.person === undefined) throw invalidCode();
  const { person, email } = found;
  people.passwords.requireUncommon(password, [email, 'gatehouse']);
  const isSet = await store.people.resetPassword(
    {
      person,
      codeHash,
      password: await people.passwords.hash(password),
      attempts: await signInKeys(ctx, email),
      mail: await changed(ctx, { id: person, email }),
    },
    { ...ctx.audit('change-password', `people/${person}`), actor: `person:${person}` },
  );
  if (!isSet) throw invalidCode();
  people.forget(person);
  return store.passkeys.list(person);
}

/**
 * Replaces the password of a person who is signed in, or adds one. All other sessions of the person end.
 *
 * @throws Problem as `requireProof`
 * @throws Problem `invalid-request` when the new password is one that attackers try first
 */
export async function changePassword(
  ctx: Context,
  who: SignedInPerson,
  password: string,
  given: GivenProof,
): Promise<void> {
  const { store, services } = ctx;
  const { people } = services;
  const { email, proof } = await requireProof(ctx, who, given);
  people.passwords.requireUncommon(password, [email, 'gatehouse']);
  const isChanged = await store.people.changePassword(
    {
      person: who.id,
      session: who.session,
      proof,
      password: await people.passwords.hash(password),
      mail: await changed(ctx, { id: who.id, email }),
    },
    ctx.audit('change-password', `people/${who.id}`),
  );
  if (!isChanged) throw staleProof(proof);
  people.forget(who.id);
}

/** Prepares the mail about a new password. Who knew the former one may have added a passkey, so the mail lists them. */
async function changed({ store, services }: Context, { id, email }: { id: string; email: string }) {
  const link = `${services.settings.publicUrl}/forgot-password`;
  const passkeys = (await store.passkeys.list(id)).map(
    ({ name, createdAt }) => `“${name}”, added ${timeOf(createdAt)}`,
  );
  return services.mail.prepare({ to: email, template: 'password-changed', values: { link, passkeys } });
}
