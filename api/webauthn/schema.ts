/**
 * The messages of WebAuthn that pass through a browser, in its own JSON form.
 *
 * https://www.w3.org/TR/webauthn-3/#sctn-parseCreationOptionsFromJSON
 */
import { z } from 'zod';

const base64url = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[\w-]+$/, 'must be base64url');

/** A credential ID has at most 1023 bytes. */
const CredentialId = base64url(1364);
const Transports = z.array(z.string().max(32)).max(16);

// Browsers add members to these objects over time. What is signed is inside `response`.
const answer = { id: CredentialId, rawId: CredentialId, type: z.literal('public-key') };
const ClientData = base64url(8192);

export const PasskeyRegistration = z
  .object({
    ...answer,
    response: z.object({
      clientDataJSON: ClientData,
      attestationObject: base64url(32_768),
      transports: Transports.optional(),
    }),
  })
  .meta({
    id: 'PasskeyRegistration',
    description: 'The result of `navigator.credentials.create()`, as its `toJSON()` returns it.',
  });
export type PasskeyRegistration = z.infer<typeof PasskeyRegistration>;

export const PasskeyAssertion = z
  .object({
    ...answer,
    response: z.object({
      clientDataJSON: ClientData,
      authenticatorData: base64url(4096),
      signature: base64url(4096),
      userHandle: base64url(128).nullish(),
    }),
  })
  .meta({
    id: 'PasskeyAssertion',
    description: 'The result of `navigator.credentials.get()`, as its `toJSON()` returns it.',
  });
export type PasskeyAssertion = z.infer<typeof PasskeyAssertion>;

const Descriptor = z.object({ id: z.string(), type: z.literal('public-key'), transports: z.array(z.string()) });
const challenge = z.string().meta({ description: 'It can be answered once, within five minutes.' });
const timeout = z.int().meta({ description: 'In milliseconds.' });
const required = z.literal('required');

export const PasskeyCreationOptions = z
  .object({
    rp: z.object({ id: z.string(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge,
    pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.int() })),
    timeout,
    attestation: z.literal('none'),
    excludeCredentials: z.array(Descriptor),
    authenticatorSelection: z.object({
      residentKey: required,
      requireResidentKey: z.literal(true),
      userVerification: required,
    }),
  })
  .meta({
    id: 'PasskeyCreationOptions',
    description: 'The input of `PublicKeyCredential.parseCreationOptionsFromJSON()`.',
  });
export type PasskeyCreationOptions = z.infer<typeof PasskeyCreationOptions>;

export const PasskeyRequestOptions = z
  .object({
    rpId: z.string(),
    challenge,
    timeout,
    allowCredentials: z.array(Descriptor),
    userVerification: required,
  })
  .meta({
    id: 'PasskeyRequestOptions',
    description: 'The input of `PublicKeyCredential.parseRequestOptionsFromJSON()`.',
  });
export type PasskeyRequestOptions = z.infer<typeof PasskeyRequestOptions>;
