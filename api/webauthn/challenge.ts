import { z } from 'zod';
import type { Context } from '../context.ts';
import type { SignedChallenge } from '../store/passkey-statements.ts';

/** The time in which a person can answer a challenge, in milliseconds. */
export const CHALLENGE_MS = 5 * 60_000;

type Bytes = Uint8Array<ArrayBuffer>;

export const toBase64url = (bytes: Bytes): string => bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
export const fromBase64url = (text: string): Bytes => Uint8Array.fromBase64(text, { alphabet: 'base64url' });

/** What a challenge is for: its purpose, and the session that requests it unless nobody has signed in. */
export type Expected = Omit<SignedChallenge, 'hash'>;

/** Makes a challenge, and what the store keeps of it. */
export async function newChallenge({ services, now }: Context, expected: Expected) {
  const challenge = toBase64url(crypto.getRandomValues(new Uint8Array(32)));
  return { challenge, kept: { ...expected, hash: await services.sha256(challenge), expiresAt: now + CHALLENGE_MS } };
}

/** https://www.w3.org/TR/webauthn-3/#dictdef-collectedclientdata */
const ClientData = z.object({ challenge: z.string(), crossOrigin: z.boolean().optional() });

/**
 * Reads the challenge that a browser has had signed.
 *
 * @returns undefined when the text is not the data of a client, or a page of another site embeds the page
 */
export function challengeOf(clientDataJSON: string): string | undefined {
  try {
    const { challenge, crossOrigin } = ClientData.parse(
      JSON.parse(new TextDecoder().decode(fromBase64url(clientDataJSON))),
    );
    // A page that embeds ours could trick a person into confirming something else.
    return crossOrigin ? undefined : challenge;
  } catch {
    return undefined;
  }
}
