/** The errors of RFC 6749 §5.2 and RFC 8628 §3.5, with their statuses. The last two are for problems of the server. */
export const oauthErrorCodes = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  invalid_scope: 400,
  unsupported_grant_type: 400,
  authorization_pending: 400,
  slow_down: 400,
  access_denied: 400,
  expired_token: 400,
  temporarily_unavailable: 503,
  server_error: 500,
} as const;
export type OAuthErrorCode = keyof typeof oauthErrorCodes;

/** An error that a client of OAuth 2.0 sees. */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode;

  /** @param description a text for people, in the characters of RFC 6749 §5.2 */
  constructor(code: OAuthErrorCode, description: string) {
    super(description);
    this.code = code;
  }
}
