import type { Context } from '../context.ts';
import type { SignedInPerson } from '../people/proof.ts';
import { absent } from '../problem.ts';
import { CHALLENGE_MS, newChallenge } from '../webauthn/challenge.ts';
import { relyingParty } from '../webauthn/relying-party.ts';
import type { PasskeyRequestOptions } from '../webauthn/schema.ts';
import { descriptorOf } from './descriptor.ts';

/**
 * Begins to prove with a passkey that the person of a session sends a request.
 *
 * @throws Problem `not-found` when the person has no passkey
 */
export async function beginProof(
  ctx: Context,
  { id: person, session }: SignedInPerson,
): Promise<PasskeyRequestOptions> {
  const { id } = relyingParty(ctx.services.settings);
  const passkeys = await ctx.store.passkeys.list(person);
  if (passkeys.length === 0) throw absent('passkey of yours');
  const { challenge, kept } = await newChallenge(ctx, { purpose: 'prove', session });
  await ctx.store.passkeys.addChallenge(kept);
  return {
    rpId: id,
    challenge,
    timeout: CHALLENGE_MS,
    allowCredentials: passkeys.map(descriptorOf),
    userVerification: 'required',
  };
}
