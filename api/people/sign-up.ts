import type { Context } from '../context.ts';
import { countAttempt, mailKeys } from './attempts.ts';
import { newSecret } from './secrets.ts';

/** The time in which a person can use the code from a mail, in milliseconds. */
const CODE_FOR_MS = 24 * 60 * 60 * 1000;

/**
 * Sends a code to the address of a person who signs up. The person exists only once `verify` gets the code, so nobody
 * can occupy the address of another. An address that has an account gets a mail that says so. The answer, the writes
 * and the time that they take are the same.
 *
 * @param invitation the code of the invitation that the person wants to accept then; the link in the mail contains it
 * @throws Problem `invalid-request` when the password is one that attackers try first
 * @throws Problem `too-many-requests` when too many mails were requested for the address, or by the client
 */
export async function signUp(
  ctx: Context,
  { email, password, name = '' }: { email: string; password: string; name?: string | undefined },
  invitation?: string,
): Promise<void> {
  const { store, services } = ctx;
  const { people, mail, sha256, settings } = services;
  people.passwords.requireUncommon(password, [email, name, 'gatehouse']);
  await countAttempt(ctx, await mailKeys(ctx, email));
  const hashed = await people.passwords.hash(password);
  const code = newSecret('code');
  const known = await store.people.findByEmail(email);
  const expiresAt = ctx.now + CODE_FOR_MS;
  const { publicUrl } = settings;
  const link = `${publicUrl}/verify#code=${code}${invitation === undefined ? '' : `&invitation=${invitation}`}`;
  const message = known
    ? await mail.prepare({ to: email, template: 'address-in-use', values: { link: `${publicUrl}/sign-in` } })
    : await mail.prepare({ to: email, template: 'verify-address', values: { link } }, expiresAt);
  await store.people.addCode(
    { purpose: 'sign-up', email, name, password: hashed, createdAt: ctx.now, expiresAt },
    await sha256(code),
    message,
    ctx.audit('sign-up', 'people'),
  );
}
