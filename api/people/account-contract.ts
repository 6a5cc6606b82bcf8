import { contract } from '../http/route.ts';
import { tag } from './contract.ts';
import {
  CodeSent,
  EmailChange,
  EmailConfirmation,
  EmailOnly,
  PasswordChange,
  PasswordReset,
  ProofOnly,
} from './schema.ts';

const personal = { access: 'person:self', tag, method: 'post' } as const;
/** The problems of changes that a stolen session must not make. */
export const unproven = ['wrong-credentials', 'invalid-code', 'invalid-passkey', 'proof-required'] as const;
const sent = { 202: { description: 'If the address can be used, a mail was sent to it.', body: CodeSent } } as const;

export const forgotPasswordContract = contract({
  method: 'post',
  access: 'public',
  tag,
  path: '/v1/auth/password/forgotten',
  operationId: 'forgotPassword',
  summary: 'Request a new password',
  description:
    'Sends a code for a new password to the address, if it has an account. The response does not say whether.',
  body: { schema: EmailOnly },
  answers: sent,
  problems: ['unavailable'],
});

export const resetPasswordContract = contract({
  method: 'post',
  access: 'public',
  tag,
  path: '/v1/auth/password/reset',
  operationId: 'resetPassword',
  summary: 'Set a new password with a code',
  description: 'All sessions of the person end. Passkeys stay; a mail lists them.',
  body: { schema: PasswordReset },
  answers: { 204: { description: 'The password was set.' } },
  problems: ['invalid-code', 'unavailable'],
});

export const changePasswordContract = contract({
  ...personal,
  path: '/v1/auth/password',
  operationId: 'changePassword',
  summary: 'Change or add your password',
  description: 'All of your other sessions end. Passkeys stay; a mail lists them.',
  body: { schema: PasswordChange },
  answers: { 204: { description: 'The password was changed.' } },
  problems: unproven,
});

export const changeEmailContract = contract({
  ...personal,
  path: '/v1/auth/email',
  operationId: 'changeEmail',
  summary: 'Request a change of your address',
  description: 'Sends a code to the new address. The account keeps its address until the code is confirmed.',
  body: { schema: EmailChange },
  answers: sent,
  problems: unproven,
});

export const confirmEmailContract = contract({
  ...personal,
  path: '/v1/auth/email/confirm',
  operationId: 'confirmEmail',
  summary: 'Confirm your new address',
  description: 'A mail informs the previous address.',
  body: { schema: EmailConfirmation },
  answers: { 204: { description: 'The account has the new address.' } },
  problems: ['invalid-code'],
});

export const deleteAccountContract = contract({
  ...personal,
  path: '/v1/auth/deletion',
  operationId: 'deleteAccount',
  summary: 'Delete your account',
  description: 'The last owner of a tenant cannot delete the account before the tenant has another owner.',
  body: { schema: ProofOnly },
  answers: { 204: { description: 'The account was deleted.' } },
  problems: [...unproven, 'last-owner'],
});

export const proofCodeContract = contract({
  ...personal,
  path: '/v1/auth/proof/code',
  operationId: 'sendProofCode',
  summary: 'Request a code that proves who you are',
  description: 'Sends a code to your address. One change of the account accepts it instead of the password.',
  answers: { 202: { description: 'A mail was sent.', body: CodeSent } },
});
