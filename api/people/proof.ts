import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { PersonSession } from '../store/person-sessions.ts';
import type { Proof } from '../store/proofs.ts';
import { verifyAssertion } from '../webauthn/assertion.ts';
import type { PasskeyAssertion } from '../webauthn/schema.ts';
import { countAttempt, proofKeys, proofMailKeys } from './attempts.ts';
import { newSecret } from './secrets.ts';
import { invalidCode } from './verify.ts';

/** The time in which a person can use a code for a proof, a new password or a new address, in milliseconds. */
export const CODE_FOR_MS = 60 * 60 * 1000;
/** The time after a sign-in with a company's account in which no other proof is needed, in milliseconds. */
const RECENT_MS = 10 * 60 * 1000;

/** A person who is signed in, and the id of the session. */
export interface SignedInPerson {
  id: string;
  session: string;
}

/** What a person sends with a change that a stolen session must not make. At most one member is present. */
export interface GivenProof {
  password?: string | undefined;
  passkey?: PasskeyAssertion | undefined;
  code?: string | undefined;
}

/**
 * Checks that the person of a session sends a request: by the password, by a passkey, by a code from a mail, or because
 * the session has just begun with the account of a company. The change uses up the proof in its batch.
 *
 * @throws Problem `wrong-credentials` when the password is wrong; the attempt counts for the session and the person
 * @throws Problem `invalid-passkey` when the signature is not valid, or is by another person
 * @throws Problem `invalid-code` when the code is unknown, of another person, has expired or was used
 * @throws Problem `proof-required` when there is no proof
 * @throws Problem `too-many-requests`
 */
export async function requireProof(
  ctx: Context,
  { id, session }: SignedInPerson,
  { password, passkey, code }: GivenProof,
): Promise<{ email: string; proof: Proof }> {
  const person = await ctx.store.people.find(id);
  if (!person) throw new Problem('unauthorized', { detail: 'the account was deleted' });
  const { email } = person;
  if (password !== undefined) return { email, proof: await byPassword(ctx, { id, session }, email, password) };
  if (passkey !== undefined) return { email, proof: await byPasskey(ctx, { id, session }, passkey) };
  if (code !== undefined) return { email, proof: await byCode(ctx, id, code) };
  const sessions = await ctx.store.personSessions.list(id, ctx.now);
  const current = sessions.find((each) => each.id === session);
  if (!current || !provesBySession(current, ctx.now)) throw proofRequired();
  return { email, proof: { by: 'session', session } };
}

/** Whether a session has just begun with the account of a company, so that no other proof is needed. */
export const provesBySession = ({ method, createdAt }: PersonSession, now: number): boolean =>
  method === 'company' && createdAt + RECENT_MS >= now;

/** Makes the problem for a proof that the batch of a change rejects: it was used meanwhile, or in another session. */
export function staleProof({ by }: Proof): Problem {
  if (by === 'passkey') return invalidPasskey();
  if (by === 'code') return invalidCode();
  return by === 'password' ? wrongPassword() : proofRequired();
}

/** A person who is signed in sends no address, so only the password can be wrong. */
const wrongPassword = (): Problem =>
  new Problem('wrong-credentials', { detail: 'the password is wrong, or the account has none' });

const proofRequired = (): Problem =>
  new Problem('proof-required', {
    detail:
      "prove that it is you: send the password, a passkey's answer or a code from a mail, or sign in with your company again",
  });

export const invalidPasskey = (): Problem =>
  new Problem('invalid-passkey', {
    detail: 'the answer of the passkey is not valid, or its challenge has expired or was used; start again',
  });

async function byPassword(ctx: Context, who: SignedInPerson, email: string, password: string): Promise<Proof> {
  const { store, services } = ctx;
  const keys = await proofKeys(ctx, who);
  await countAttempt(ctx, keys);
  const hash = (await store.people.findByEmail(email))?.password;
  if (!(await services.people.passwords.matches(password, hash)) || hash === undefined) throw wrongPassword();
  await store.signInAttempts.undo(keys);
  return { by: 'password', password: hash };
}

async function byPasskey(ctx: Context, { id, session }: SignedInPerson, passkey: PasskeyAssertion): Promise<Proof> {
  const verified = await verifyAssertion(ctx, passkey, { purpose: 'prove', session });
  if (verified?.person.id !== id) throw invalidPasskey();
  return { by: 'passkey', use: verified.use };
}

async function byCode({ store, services, now }: Context, id: string, code: string): Promise<Proof> {
  const hash = await services.sha256(code);
  const found = await store.people.findCode(hash, 'prove', now);
  if (found?.person !== id) throw invalidCode();
  return { by: 'code', hash };
}

/**
 * Sends a code to the address of a person who is signed in. The code is the proof for one change.
 *
 * @returns the address
 * @throws Problem `too-many-requests` when the person requested too many codes
 */
export async function sendProofCode(ctx: Context, id: string): Promise<string> {
  const { store, services } = ctx;
  const person = await store.people.find(id);
  if (!person) throw new Problem('unauthorized', { detail: 'the account was deleted' });
  const { email } = person;
  await countAttempt(ctx, await proofMailKeys(ctx, id));
  const code = newSecret('code');
  const expiresAt = ctx.now + CODE_FOR_MS;
  const mail = await services.mail.prepare({ to: email, template: 'confirm-identity', values: { code } }, expiresAt);
  await store.people.addCode(
    { purpose: 'prove', person: id, email, createdAt: ctx.now, expiresAt },
    await services.sha256(code),
    mail,
    ctx.audit('request-proof', `people/${id}`),
  );
  return email;
}
