import { z } from '@hono/zod-openapi';
import { negotiatedErrors } from '../html/negotiated-errors.ts';
import { OwnPath } from '../http/own-path.ts';
import { contract } from '../http/route.ts';

const tag = { name: 'People', description: 'Sign-up, sign-in and the sessions of people.' };

export const startOidc = contract({
  method: 'get',
  path: '/v1/auth/oidc',
  access: 'public',
  operationId: 'startOidc',
  tag,
  summary: "Sign in with a company's account",
  description:
    "A browser opens this URL. It redirects to the company's sign-in page. Afterwards the person has a session and returns to the page `returnTo`.",
  query: z.strictObject({
    returnTo: OwnPath.optional().openapi({
      description: 'Path of the page to which the person returns. Default: `/`.',
    }),
  }),
  answers: { 303: { description: "The company's sign-in page.", headers: ['Location'] } },
  problems: ['not-found', 'unavailable'],
  errors: negotiatedErrors,
});

export const completeOidc = contract({
  method: 'get',
  path: '/v1/auth/oidc/callback',
  access: 'public',
  operationId: 'completeOidc',
  tag,
  summary: "Complete a sign-in with a company's account",
  description: "The company's sign-in page redirects the browser to this URL.",
  // Providers may add parameters (RFC 6749 §4.1.2).
  query: z.looseObject({}),
  answers: {
    200: {
      description: 'A page that sends the browser to `returnTo`, and the cookie of the session.',
      contentType: 'text/html',
    },
  },
  problems: ['not-found', 'sign-in-failed', 'forbidden', 'unavailable'],
  errors: negotiatedErrors,
});
