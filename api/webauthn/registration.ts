import type { Context } from '../context.ts';
import type { SignedChallenge } from '../store/passkey-statements.ts';
import type { Passkey } from '../store/passkeys.ts';
import { challengeOf, type Expected, fromBase64url, toBase64url } from './challenge.ts';
import { relyingParty } from './relying-party.ts';
import type { PasskeyRegistration } from './schema.ts';

/** EdDSA, ES256 and RS256, which every runtime verifies. https://www.iana.org/assignments/cose */
export const ALGORITHMS = [-8, -7, -257];

/** What an authenticator says about a new passkey. */
interface Registered
  extends Pick<Passkey, 'credential' | 'publicKey' | 'counter' | 'transports' | 'syncable' | 'synced'> {
  challenge: SignedChallenge;
}

/**
 * Checks the answer of an authenticator that has made a passkey. The caller uses up the challenge.
 *
 * https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential
 *
 * @returns undefined when the answer is not valid
 * @throws Problem `not-found` when this API can have no passkeys
 */
export async function verifyRegistration(
  { services }: Context,
  { id, rawId, type, response }: PasskeyRegistration,
  expected: Expected,
): Promise<Registered | undefined> {
  const { id: expectedRPID, origins: expectedOrigin } = relyingParty(services.settings);
  const expectedChallenge = challengeOf(response.clientDataJSON);
  if (expectedChallenge === undefined) return undefined;
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
  const { transports = [], ...signed } = response;
  try {
    await requireNoCertificate(response.attestationObject);
    const { registrationInfo } = await verifyRegistrationResponse({
      response: { id, rawId, type, response: signed, clientExtensionResults: {} },
      expectedChallenge,
      expectedOrigin,
      expectedRPID,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (registrationInfo?.credential.id !== id) return undefined;
    const { credential, credentialDeviceType, credentialBackedUp } = registrationInfo;
    return {
      credential: id,
      publicKey: toBase64url(new Uint8Array(credential.publicKey)),
      counter: credential.counter,
      transports,
      syncable: credentialDeviceType === 'multiDevice',
      synced: credentialBackedUp,
      challenge: { ...expected, hash: await services.sha256(expectedChallenge) },
    };
  } catch (error) {
    services.log.debug({ reason: (error as Error).message }, 'a registration of a passkey is not valid');
    return undefined;
  }
}

/**
 * Rejects an attestation with a certificate. The options request none, and this API trusts no authority of
 * authenticators, so the certificate would prove nothing. The library would still parse it.
 */
async function requireNoCertificate(attestationObject: string): Promise<void> {
  const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers');
  const decoded = decodeAttestationObject(fromBase64url(attestationObject));
  // `packed` without a certificate is signed with the new key itself. Some browsers do not remove it.
  const isPlain = ['none', 'packed'].includes(decoded.get('fmt')) && !decoded.get('attStmt').get('x5c');
  if (!isPlain) throw new Error('the attestation has a certificate');
}
