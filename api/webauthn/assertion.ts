import type { Context } from '../context.ts';
import type { PasskeyUse } from '../store/passkey-statements.ts';
import type { Passkey } from '../store/passkeys.ts';
import type { Person } from '../store/person-sessions.ts';
import { challengeOf, type Expected, fromBase64url, toBase64url } from './challenge.ts';
import { relyingParty } from './relying-party.ts';
import type { PasskeyAssertion } from './schema.ts';

/** Returns the id by which authenticators know a person. */
export const userHandleOf = (person: string): string => toBase64url(new TextEncoder().encode(person));

/**
 * Checks the signature of an authenticator with a passkey. The caller uses up the challenge and stores the counter.
 *
 * https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion
 *
 * @returns undefined when there is no such passkey, or the signature is not valid
 * @throws Problem `not-found` when this API can have no passkeys
 */
export async function verifyAssertion(
  ctx: Context,
  assertion: PasskeyAssertion,
  expected: Expected,
): Promise<{ person: Person; use: PasskeyUse } | undefined> {
  const { store, services } = ctx;
  const site = relyingParty(services.settings);
  const challenge = challengeOf(assertion.response.clientDataJSON);
  if (challenge === undefined) return undefined;
  // Authenticators choose ids that nobody can guess, so the time of the answer may reveal that there is none.
  const found = await store.passkeys.find(assertion.id);
  if (!found) return undefined;
  const { passkey, person } = found;
  const { userHandle } = assertion.response;
  // Without a list of passkeys to choose from, the authenticator says whose passkey it used.
  const isNamed = userHandle === userHandleOf(person.id) || (userHandle == null && expected.purpose === 'prove');
  if (!isNamed) return undefined;
  const signed = await signatureOf(ctx, assertion, challenge, site, passkey);
  if (!signed) return undefined;
  const use = {
    passkey: passkey.id,
    challenge: { ...expected, hash: await services.sha256(challenge) },
    ...signed,
  };
  if (isCopied(passkey, signed.counter)) {
    await reportCopy(ctx, passkey, person, use);
    return undefined;
  }
  return { person, use };
}

async function signatureOf(
  { services }: Context,
  { id, rawId, type, response }: PasskeyAssertion,
  expectedChallenge: string,
  { id: expectedRPID, origins: expectedOrigin }: ReturnType<typeof relyingParty>,
  passkey: Passkey,
): Promise<Pick<PasskeyUse, 'counter' | 'synced'> | undefined> {
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
  const { userHandle: _, ...signed } = response;
  try {
    const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
      response: { id, rawId, type, response: signed, clientExtensionResults: {} },
      expectedChallenge,
      expectedOrigin,
      expectedRPID,
      // The library would compare the counter before the signature. `isCopied` compares it afterwards.
      credential: { id, publicKey: fromBase64url(passkey.publicKey), counter: 0 },
      requireUserVerification: true,
    });
    // Whether a passkey can be synced never changes.
    if (!verified || (info.credentialDeviceType === 'multiDevice') !== passkey.syncable) return undefined;
    return { counter: info.newCounter, synced: info.credentialBackedUp };
  } catch (error) {
    services.log.debug({ reason: (error as Error).message }, 'a signature with a passkey is not valid');
    return undefined;
  }
}

/**
 * Whether an authenticator that counts its signatures has counted fewer than before, so that there are two of it.
 * https://www.w3.org/TR/webauthn-3/#sctn-sign-counter
 */
const isCopied = (passkey: Passkey, counter: number): boolean =>
  (counter > 0 || passkey.counter > 0) && counter <= passkey.counter;

/** Informs the person, unless the signature is an old one that somebody sends again. */
async function reportCopy(
  { store, services, now }: Context,
  { id, name, counter, createdAt, lastUsedAt = createdAt }: Passkey,
  { email }: Person,
  { challenge }: PasskeyUse,
): Promise<void> {
  if (!(await store.passkeys.useChallenge(challenge, now))) return;
  services.log.warn({ passkey: id }, 'a copy of the authenticator of a passkey was used');
  const link = `${services.settings.publicUrl}/account`;
  await services.mail.queueOnce(
    { to: email, template: 'passkey-copied', values: { name, link } },
    `${id} ${counter}`,
    lastUsedAt,
  );
}
