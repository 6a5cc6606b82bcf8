import { z } from '@hono/zod-openapi';
import { Id } from '../http/id.ts';
import { contract } from '../http/route.ts';
import { CodeSent, SessionList, SignedIn, SignIn, SignUp, Verification } from './schema.ts';

export const tag = { name: 'People', description: 'Sign-up, sign-in and the sessions of people.' };
const signedIn = { 200: { description: 'The person is signed in.', body: SignedIn } } as const;

export const signUpContract = contract({
  method: 'post',
  path: '/v1/auth/sign-up',
  access: 'public',
  operationId: 'signUp',
  tag,
  summary: 'Sign up',
  description:
    'Sends a code to the address. The response is the same for an address that already has an account; its owner gets a mail that says so.',
  body: { schema: SignUp },
  answers: { 202: { description: 'A mail was sent.', body: CodeSent } },
  problems: ['unavailable'],
});

export const verifyContract = contract({
  method: 'post',
  path: '/v1/auth/verify',
  access: 'public',
  operationId: 'verifySignUp',
  tag,
  summary: 'Complete a sign-up',
  description: 'Creates the person with the code from the mail and the password of the sign-up, and signs in.',
  body: { schema: Verification },
  answers: signedIn,
  problems: ['invalid-code', 'unavailable'],
});

export const signInContract = contract({
  method: 'post',
  path: '/v1/auth/sign-in',
  access: 'public',
  operationId: 'signIn',
  tag,
  summary: 'Sign in',
  description:
    'After several failed attempts, further ones are rejected for a time that grows to 15 minutes. Attempts in a browser in which the person has signed in before count separately.',
  body: { schema: SignIn },
  answers: signedIn,
  problems: ['wrong-credentials', 'unavailable'],
});

const personal = { access: 'person:self', tag } as const;

export const signOutContract = contract({
  ...personal,
  method: 'post',
  path: '/v1/auth/sign-out',
  operationId: 'signOut',
  summary: 'Sign out',
  description: 'Ends the session of this request, and deletes the cookie.',
  answers: { 204: { description: 'The session was ended.' } },
});

export const readSession = contract({
  ...personal,
  method: 'get',
  path: '/v1/auth/session',
  operationId: 'readSession',
  summary: 'Read the current session',
  answers: { 200: { description: 'The session of this request, and its person.', body: SignedIn } },
});

export const listSessionsContract = contract({
  ...personal,
  method: 'get',
  path: '/v1/auth/sessions',
  operationId: 'listSessions',
  summary: 'List your sessions',
  answers: { 200: { description: 'The sessions that have not expired, the latest first.', body: SessionList } },
});

export const endSessionContract = contract({
  ...personal,
  method: 'delete',
  path: '/v1/auth/sessions/{id}',
  operationId: 'endSession',
  summary: 'End one of your sessions',
  params: z.object({ id: Id }),
  answers: { 204: { description: 'The session was ended.' } },
});

export const endSessionsContract = contract({
  ...personal,
  method: 'delete',
  path: '/v1/auth/sessions',
  operationId: 'endOtherSessions',
  summary: 'End all of your other sessions',
  answers: { 204: { description: 'All sessions except for this one were ended.' } },
});
