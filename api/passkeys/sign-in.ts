import type { Context } from '../context.ts';
import { challengeKeys, countAttempt, passkeyKeys } from '../people/attempts.ts';
import type { BegunSession } from '../people/people.ts';
import type { Credential } from '../people/schema.ts';
import { Problem } from '../problem.ts';
import type { Person } from '../store/person-sessions.ts';
import { verifyAssertion } from '../webauthn/assertion.ts';
import { CHALLENGE_MS, newChallenge } from '../webauthn/challenge.ts';
import { relyingParty } from '../webauthn/relying-party.ts';
import type { PasskeyAssertion, PasskeyRequestOptions } from '../webauthn/schema.ts';

/**
 * Begins to sign a person in with a passkey. The API does not know yet who it is.
 *
 * @throws Problem `too-many-requests` when the client requested too many challenges without signing in
 * @throws Problem `not-found` when this API can have no passkeys
 */
export async function beginSignIn(ctx: Context): Promise<PasskeyRequestOptions> {
  const { id } = relyingParty(ctx.services.settings);
  await countAttempt(ctx, await challengeKeys(ctx));
  const { challenge, kept } = await newChallenge(ctx, { purpose: 'sign-in', session: null });
  await ctx.store.passkeys.addChallenge(kept);
  return {
    rpId: id,
    challenge,
    timeout: CHALLENGE_MS,
    allowCredentials: [],
    userVerification: 'required',
  };
}

/**
 * Signs a person in with a passkey.
 *
 * @throws Problem `sign-in-failed`, the same for every reason
 * @throws Problem `too-many-requests` after too many failed attempts
 * @throws Problem `not-found` when this API can have no passkeys
 */
export async function signIn(
  ctx: Context,
  { passkey, credential = 'cookie' }: { passkey: PasskeyAssertion; credential?: Credential | undefined },
  headers: Headers,
): Promise<{ person: Person; begun: BegunSession }> {
  const { store, services } = ctx;
  const keys = await passkeyKeys(ctx, passkey.id);
  await countAttempt(ctx, keys);
  const verified = await verifyAssertion(ctx, passkey, { purpose: 'sign-in', session: null });
  if (!verified) throw failed();
  const { person, use } = verified;
  const begun = await services.people.begin(ctx, person.id, headers, { method: 'passkey', credential });
  const audit = { ...ctx.audit('sign-in', `people/${person.id}`), actor: `person:${person.id}` };
  const attempts = [...keys, ...(await challengeKeys(ctx))];
  if (!(await store.passkeys.signIn(use, begun, attempts, audit))) throw failed();
  return { person, begun };
}

const failed = (): Problem =>
  new Problem('sign-in-failed', {
    detail: 'the passkey is unknown, or its answer is not valid, has expired or was used; start again',
  });
