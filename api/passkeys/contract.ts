import { z } from '@hono/zod-openapi';
import { contract } from '../http/route.ts';
import { unproven } from '../people/account-contract.ts';
import { tag } from '../people/contract.ts';
import { ProofOnly, SignedIn } from '../people/schema.ts';
import { PasskeyCreationOptions, PasskeyRequestOptions } from '../webauthn/schema.ts';
import { Passkey, PasskeyAdd, PasskeyList, PasskeyPatch, PasskeySignIn } from './schema.ts';

const personal = { access: 'person:self', tag } as const;
const Params = z.object({ id: z.string().min(1).max(64) });
const creation = { description: 'The options for the browser.', body: PasskeyCreationOptions };
const request = { description: 'The options for the browser.', body: PasskeyRequestOptions };

export const beginPasskey = contract({
  ...personal,
  method: 'post',
  path: '/v1/auth/passkeys/options',
  operationId: 'beginPasskey',
  summary: 'Begin to add a passkey',
  description: 'Requires a proof that it is you, as a change of the password does.',
  body: { schema: ProofOnly },
  answers: { 200: creation },
  problems: [...unproven, 'too-many', 'not-found'],
});

export const addPasskey = contract({
  ...personal,
  method: 'post',
  path: '/v1/auth/passkeys',
  operationId: 'addPasskey',
  summary: 'Add a passkey',
  description: 'Only the session that requested the options can add it, within five minutes. A mail informs you.',
  body: { schema: PasskeyAdd },
  headers: ['Idempotency-Key'],
  answers: { 201: { description: 'The passkey was added.', body: Passkey } },
  problems: ['invalid-passkey', 'too-many', 'not-found'],
});

export const listPasskeys = contract({
  ...personal,
  method: 'get',
  path: '/v1/auth/passkeys',
  operationId: 'listPasskeys',
  summary: 'List your passkeys',
  answers: { 200: { description: 'The passkeys, the latest first.', body: PasskeyList } },
});

export const patchPasskey = contract({
  ...personal,
  method: 'patch',
  path: '/v1/auth/passkeys/{id}',
  operationId: 'patchPasskey',
  summary: 'Rename one of your passkeys',
  params: Params,
  body: { schema: PasskeyPatch, types: ['application/merge-patch+json', 'application/json'] },
  answers: { 204: { description: 'The passkey has the name.' } },
});

export const deletePasskey = contract({
  ...personal,
  method: 'delete',
  path: '/v1/auth/passkeys/{id}',
  operationId: 'deletePasskey',
  summary: 'Remove one of your passkeys',
  description:
    'A mail informs you. Without any other way to sign in, you can still set a password with a code by mail.',
  params: Params,
  answers: { 204: { description: 'The passkey was removed. Sessions that it began stay valid.' } },
});

export const beginPasskeySignIn = contract({
  method: 'post',
  path: '/v1/auth/passkey-sign-in/options',
  access: 'public',
  operationId: 'beginPasskeySignIn',
  tag,
  summary: 'Begin to sign in with a passkey',
  description: 'The options name no person: the browser offers the passkeys that it has for this site.',
  answers: { 200: request },
  problems: ['not-found', 'unavailable'],
});

export const passkeySignIn = contract({
  method: 'post',
  path: '/v1/auth/passkey-sign-in',
  access: 'public',
  operationId: 'signInWithPasskey',
  tag,
  summary: 'Sign in with a passkey',
  description: 'After several failed attempts, further ones are rejected for a time that grows to 15 minutes.',
  body: { schema: PasskeySignIn },
  answers: { 200: { description: 'The person is signed in.', body: SignedIn } },
  problems: ['sign-in-failed', 'not-found', 'unavailable'],
});

export const beginProof = contract({
  ...personal,
  method: 'post',
  path: '/v1/auth/proof/passkey',
  operationId: 'beginPasskeyProof',
  summary: 'Begin to prove who you are with a passkey',
  description: 'One change of the account, in this session, accepts the answer of the passkey instead of the password.',
  answers: { 200: request },
  problems: ['not-found'],
});
