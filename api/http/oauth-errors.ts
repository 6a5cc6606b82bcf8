import { z } from '@hono/zod-openapi';
import { OAuthError, type OAuthErrorCode, oauthErrorCodes } from '../oauth-error.ts';
import { asProblem } from '../problem.ts';
import type { ErrorFormat } from './route.ts';

export const OAuthErrorBody = z
  .object({
    error: z.enum(Object.keys(oauthErrorCodes) as [OAuthErrorCode, ...OAuthErrorCode[]]),
    error_description: z.string().optional(),
    requestId: z.string(),
  })
  .meta({ id: 'OAuthError', description: 'An error of OAuth 2.0 (RFC 6749 §5.2).' });

/** The status of errors of the HTTP layer that OAuth gives another one. */
const statuses: Record<number, number> = { 415: 400, 422: 400 };
const statusOf = (status: number): number => statuses[status] ?? status;

/** Errors as OAuth 2.0 defines them, instead of problem documents. */
export const oauthErrors: ErrorFormat = {
  respond(thrown, requestId) {
    if (thrown instanceof OAuthError)
      return response(oauthErrorCodes[thrown.code], thrown.code, thrown.message, requestId);
    const { status, message, violations = [], headers } = asProblem(thrown);
    const parts = [message, ...violations.map(({ path, message: what }) => `${path}: ${what}`)];
    const text = parts.filter((part) => part !== '').join('; ');
    return response(statusOf(status), codeFor(status), text, requestId, headers);
  },
  documented: (found) => {
    const all = [...new Set([...found.map(statusOf), ...Object.values(oauthErrorCodes)])].sort();
    const description = 'An error of OAuth 2.0 (RFC 6749 §5.2, RFC 8628 §3.5).';
    const content = { 'application/json': { schema: OAuthErrorBody } };
    return Object.fromEntries(all.map((status) => [status, { description, content }]));
  },
};

function codeFor(status: number): OAuthErrorCode {
  if (status === 429 || status === 503) return 'temporarily_unavailable';
  return status >= 500 ? 'server_error' : 'invalid_request';
}

function response(status: number, error: OAuthErrorCode, text: string, requestId: string, headers = {}): Response {
  // A description must not have other characters (RFC 6749 §5.2).
  const description = text.replaceAll(/["\\]/g, "'").replaceAll(/[^ -~]/g, '?');
  const body = { error, ...(description !== '' && { error_description: description }), requestId };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/json',
      'x-request-id': requestId,
      'cache-control': 'no-store',
      ...headers,
    },
  });
}
