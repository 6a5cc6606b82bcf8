import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { countAttempt, mailKeys, signInKeys } from './attempts.ts';
import { newSecret } from './secrets.ts';
import { wrongCredentials } from './sign-in.ts';
import { invalidCode } from './verify.ts';

/** The time in which a person can use a code for a new password or a new address, in milliseconds. */
export const CODE_FOR_MS = 60 * 60 * 1000;

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
 * @throws Problem `invalid-code` when the code is unknown, has expired or was used
 * @throws Problem `invalid-request` when the password is one that attackers try first
 */
export async function resetPassword(
  ctx: Context,
  { code, password }: { code: string; password: string },
): Promise<void> {
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
      mail: await changed(ctx, email),
    },
    { ...ctx.audit('change-password', `people/${person}`), actor: `person:${person}` },
  );
  if (!isSet) throw invalidCode();
  people.forget(person);
}

/**
 * Replaces the password of a person who is signed in. All other sessions of the person end.
 *
 * @throws Problem `wrong-credentials` when the current password is wrong
 * @throws Problem `invalid-request` when the new password is one that attackers try first
 */
export async function changePassword(
  ctx: Context,
  { id, session }: { id: string; session: string },
  { current, password }: { current: string; password: string },
): Promise<void> {
  const { store, services } = ctx;
  const { people } = services;
  const { email, hash } = await confirmPassword(ctx, id, current);
  people.passwords.requireUncommon(password, [email, 'gatehouse']);
  const isChanged = await store.people.changePassword(
    {
      person: id,
      session,
      current: hash,
      password: await people.passwords.hash(password),
      mail: await changed(ctx, email),
    },
    ctx.audit('change-password', `people/${id}`),
  );
  if (!isChanged) throw wrongCredentials();
  people.forget(id);
}

/**
 * Checks the password of a person who is signed in, before a change that a stolen session must not make. A wrong
 * password counts as a failed attempt to sign in.
 *
 * @throws Problem `wrong-credentials`, `too-many-requests`
 */
export async function confirmPassword(
  ctx: Context,
  id: string,
  password: string,
): Promise<{ email: string; hash: string }> {
  const { store, services } = ctx;
  const person = await store.people.find(id);
  if (!person) throw new Problem('unauthorized', { detail: 'the account was deleted' });
  const keys = await signInKeys(ctx, person.email);
  await countAttempt(ctx, keys);
  const hash = (await store.people.findByEmail(person.email))?.password;
  if (hash === undefined || !(await services.people.passwords.matches(password, hash))) throw wrongCredentials();
  await store.signInAttempts.undo(keys);
  return { email: person.email, hash };
}

const changed = ({ services: { mail, settings } }: Context, email: string) =>
  mail.prepare({
    to: email,
    template: 'password-changed',
    values: { link: `${settings.publicUrl}/forgot-password` },
  });
