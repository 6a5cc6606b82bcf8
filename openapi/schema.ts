// Generated from openapi.json by openapi/emit.ts; do not edit.

export interface paths {
  "/healthz": {
    /** Whether the process is alive */
    get: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Health"] } }; 400: components['responses']["Problem400"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/readyz": {
    /** Whether the API can serve: the database answers and accepts writes, and the process is not stopping */
    get: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Health"] } }; 400: components['responses']["Problem400"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/metrics": {
    /** The metrics of the API, for Prometheus */
    get: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "text/plain": string } }; 400: components['responses']["Problem400"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/openapi.json": {
    /** The OpenAPI document */
    get: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": Record<string, unknown> } }; 400: components['responses']["Problem400"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/docs": {
    /** The documentation page */
    get: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "text/html": string } }; 400: components['responses']["Problem400"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/docs/{file}": {
    /** A file of the documentation page */
    get: { parameters: { query?: never; header?: never; path: { "file": string } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/octet-stream": string } }; 400: components['responses']["Problem400"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/auth/sign-up": {
    get?: never;
    put?: never;
    /** Sign up */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["SignUp"] } }; responses: { 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["CodeSent"] } }; 400: components['responses']["Problem400"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/verify": {
    get?: never;
    put?: never;
    /** Complete a sign-up */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["Verification"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["SignedIn"] } }; 400: components['responses']["Problem400"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/sign-in": {
    get?: never;
    put?: never;
    /** Sign in */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["SignIn"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["SignedIn"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/sign-out": {
    get?: never;
    put?: never;
    /** Sign out */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/session": {
    /** Read the current session */
    get: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["SignedIn"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/auth/sessions": {
    /** List your sessions */
    get: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["SessionList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    /** End all of your other sessions */
    delete: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    patch?: never;
  };
  "/v1/auth/sessions/{id}": {
    get?: never;
    put?: never;
    post?: never;
    /** End one of your sessions */
    delete: { parameters: { query?: never; header?: never; path: { "id": string } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    patch?: never;
  };
  "/v1/auth/device": {
    get?: never;
    put?: never;
    /** Begin to sign in on a command line */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/x-www-form-urlencoded": components['schemas']["DeviceRequest"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["DeviceAuthorization"] } }; 400: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 401: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 408: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 413: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 429: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 431: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 500: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 503: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } } } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/device/token": {
    get?: never;
    put?: never;
    /** Ask whether a person has approved the sign-in */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/x-www-form-urlencoded": components['schemas']["DeviceTokenRequest"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["DeviceToken"] } }; 400: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 401: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 408: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 413: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 429: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 431: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 500: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } }; 503: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["OAuthError"] } } } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/device/lookup": {
    get?: never;
    put?: never;
    /** Find the command that shows a code */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["DeviceLookUp"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["PendingDevice"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/device/decision": {
    get?: never;
    put?: never;
    /** Approve or deny the sign-in on a command line */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["DeviceDecision"] } }; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/oidc": {
    /** Sign in with a company's account */
    get: { parameters: { query?: { "returnTo"?: string }; header?: never; path?: never }; requestBody?: never; responses: { 303: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/auth/oidc/callback": {
    /** Complete a sign-in with a company's account */
    get: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "text/html": string } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/auth/password/forgotten": {
    get?: never;
    put?: never;
    /** Request a new password */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["ForgottenPassword"] } }; responses: { 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["CodeSent"] } }; 400: components['responses']["Problem400"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/password/reset": {
    get?: never;
    put?: never;
    /** Set a new password with a code */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["PasswordReset"] } }; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/password": {
    get?: never;
    put?: never;
    /** Change or add your password */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["PasswordChange"] } }; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/email": {
    get?: never;
    put?: never;
    /** Request a change of your address */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["EmailChange"] } }; responses: { 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["CodeSent"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/email/confirm": {
    get?: never;
    put?: never;
    /** Confirm your new address */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["EmailConfirmation"] } }; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/deletion": {
    get?: never;
    put?: never;
    /** Delete your account */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["Proof"] } }; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/proof/code": {
    get?: never;
    put?: never;
    /** Request a code that proves who you are */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["CodeSent"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/passkeys/options": {
    get?: never;
    put?: never;
    /** Begin to add a passkey */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["Proof"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["PasskeyCreationOptions"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/passkeys": {
    /** List your passkeys */
    get: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["PasskeyList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    /** Add a passkey */
    post: { parameters: { query?: never; header?: { "Idempotency-Key"?: string }; path?: never }; requestBody: { content: { "application/json": components['schemas']["PasskeyAdd"] } }; responses: { 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Passkey"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/passkeys/{id}": {
    get?: never;
    put?: never;
    post?: never;
    /** Remove one of your passkeys */
    delete: { parameters: { query?: never; header?: never; path: { "id": string } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Rename one of your passkeys */
    patch: { parameters: { query?: never; header?: never; path: { "id": string } }; requestBody: { content: { "application/merge-patch+json": components['schemas']["PasskeyPatch"]; "application/json": components['schemas']["PasskeyPatch"] } }; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
  };
  "/v1/auth/passkey-sign-in/options": {
    get?: never;
    put?: never;
    /** Begin to sign in with a passkey */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["PasskeyRequestOptions"] } }; 400: components['responses']["Problem400"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/passkey-sign-in": {
    get?: never;
    put?: never;
    /** Sign in with a passkey */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["PasskeySignIn"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["SignedIn"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/auth/proof/passkey": {
    get?: never;
    put?: never;
    /** Begin to prove who you are with a passkey */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["PasskeyRequestOptions"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tenants": {
    /** List tenants */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string; "prefix"?: string; "label"?: string }; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TenantList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    /** Create a tenant */
    post: { parameters: { query?: never; header?: { "Idempotency-Key"?: string }; path?: never }; requestBody: { content: { "application/json": components['schemas']["TenantCreate"] } }; responses: { 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Tenant"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}": {
    /** Read a tenant */
    get: { parameters: { query?: never; header?: { "If-None-Match"?: string; "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Tenant"] } }; 304: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    /** Delete a tenant and everything that it owns */
    delete: { parameters: { query?: never; header?: { "If-Match"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Tenant"] } }; 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 412: components['responses']["Problem412"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Rename or relabel a tenant */
    patch: { parameters: { query?: never; header?: { "If-Match"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody: { content: { "application/merge-patch+json": components['schemas']["TenantPatch"]; "application/json": components['schemas']["TenantPatch"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Tenant"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
  };
  "/v1/tenants/{tenant}/restore": {
    get?: never;
    put?: never;
    /** Undo the deletion of a tenant */
    post: { parameters: { query?: never; header?: { "If-Match"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Tenant"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 412: components['responses']["Problem412"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/suspend": {
    get?: never;
    put?: never;
    /** Suspend a tenant */
    post: { parameters: { query?: never; header?: { "If-Match"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["Suspension"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Tenant"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/resume": {
    get?: never;
    put?: never;
    /** Resume a suspended tenant */
    post: { parameters: { query?: never; header?: { "If-Match"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Tenant"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 412: components['responses']["Problem412"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/plans": {
    /** List plans */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["PlanList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/plans/{plan}": {
    /** Read a plan */
    get: { parameters: { query?: never; header?: { "If-None-Match"?: string }; path: { "plan": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Plan"] } }; 304: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Create or replace a plan */
    put: { parameters: { query?: never; header?: { "If-Match"?: string; "If-None-Match"?: string }; path: { "plan": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["PlanWrite"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Plan"] } }; 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Plan"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    post?: never;
    /** Delete a plan that no tenant has */
    delete: { parameters: { query?: never; header?: { "If-Match"?: string }; path: { "plan": components['schemas']["Name"] } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    patch?: never;
  };
  "/v1/tenants/{tenant}/plan": {
    get?: never;
    /** Give a tenant a plan */
    put: { parameters: { query?: never; header?: never; path: { "tenant": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["TenantPlan"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TenantPlan"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/usage": {
    /** Read the limits of a tenant, and how much of them it uses */
    get: { parameters: { query?: never; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Usage"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/tokens": {
    /** List tokens: a token of a tenant */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TokenList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    /** Create a token of a tenant */
    post: { parameters: { query?: never; header?: { "Idempotency-Key"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["TenantTokenCreate"] } }; responses: { 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TokenCreated"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/tokens/{id}": {
    get?: never;
    put?: never;
    post?: never;
    /** Revoke a token of a tenant */
    delete: { parameters: { query?: never; header?: never; path: { "tenant": components['schemas']["Name"]; "id": string } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    patch?: never;
  };
  "/v1/fleets/{fleet}/tokens": {
    /** List tokens: an agent's token */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: never; path: { "fleet": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TokenList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    /** Create an agent's token */
    post: { parameters: { query?: never; header?: { "Idempotency-Key"?: string }; path: { "fleet": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["TokenCreate"] } }; responses: { 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TokenCreated"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/fleets/{fleet}/tokens/{id}": {
    get?: never;
    put?: never;
    post?: never;
    /** Revoke an agent's token */
    delete: { parameters: { query?: never; header?: never; path: { "fleet": components['schemas']["Name"]; "id": string } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    patch?: never;
  };
  "/v1/tokens": {
    /** List tokens: a platform operator's token */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TokenList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    /** Create a platform operator's token */
    post: { parameters: { query?: never; header?: { "Idempotency-Key"?: string }; path?: never }; requestBody: { content: { "application/json": components['schemas']["PlatformTokenCreate"] } }; responses: { 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TokenCreated"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tokens/{id}": {
    get?: never;
    put?: never;
    post?: never;
    /** Revoke a platform operator's token */
    delete: { parameters: { query?: never; header?: never; path: { "id": string } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    patch?: never;
  };
  "/v1/tenants/{tenant}/audit": {
    /** Read a tenant's audit log */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string; "actor"?: string; "action"?: string; "target"?: string; "since"?: string; "until"?: string }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["AuditPage"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/audit/export": {
    /** Export a tenant's audit log */
    get: { parameters: { query?: { "actor"?: string; "action"?: string; "target"?: string; "since"?: string; "until"?: string; "after"?: number }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/x-ndjson": string } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/audit": {
    /** Read the audit log of everything */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string; "actor"?: string; "action"?: string; "target"?: string; "since"?: string; "until"?: string; "chain"?: string }; header?: { "Gatehouse-Reason"?: string }; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["AuditPage"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/audit/export": {
    /** Export the audit log of everything */
    get: { parameters: { query?: { "actor"?: string; "action"?: string; "target"?: string; "since"?: string; "until"?: string; "chain"?: string; "after"?: number }; header?: { "Gatehouse-Reason"?: string }; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/x-ndjson": string } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/me": {
    /** Read who the caller is, and what the caller may do */
    get: { parameters: { query?: never; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Me"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/members": {
    /** List the members of a tenant */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["MemberList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/members/{person}": {
    get?: never;
    put?: never;
    post?: never;
    /** Remove a member from a tenant */
    delete: { parameters: { query?: never; header?: never; path: { "tenant": components['schemas']["Name"]; "person": string } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Change the role of a member */
    patch: { parameters: { query?: never; header?: never; path: { "tenant": components['schemas']["Name"]; "person": string } }; requestBody: { content: { "application/merge-patch+json": components['schemas']["MemberPatch"]; "application/json": components['schemas']["MemberPatch"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Member"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
  };
  "/v1/me/memberships/{tenant}": {
    get?: never;
    put?: never;
    post?: never;
    /** Leave a tenant */
    delete: { parameters: { query?: never; header?: never; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    patch?: never;
  };
  "/v1/staff": {
    /** List the people with a role in the platform */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["StaffList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/staff/{person}": {
    get?: never;
    /** Give a person a role in the platform */
    put: { parameters: { query?: never; header?: never; path: { "person": string } }; requestBody: { content: { "application/json": components['schemas']["StaffPut"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": { "person": string; "role": components['schemas']["PlatformRole"] } } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    post?: never;
    /** End the role of a person in the platform */
    delete: { parameters: { query?: never; header?: never; path: { "person": string } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    patch?: never;
  };
  "/v1/tenants/{tenant}/invitations": {
    /** List the invitations to a tenant */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["InvitationList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    /** Invite somebody to a tenant by e-mail */
    post: { parameters: { query?: never; header?: { "Idempotency-Key"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["InvitationCreate"] } }; responses: { 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Invitation"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/invitations/{id}": {
    get?: never;
    put?: never;
    post?: never;
    /** Revoke an invitation */
    delete: { parameters: { query?: never; header?: never; path: { "tenant": components['schemas']["Name"]; "id": string } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    patch?: never;
  };
  "/v1/invitations/accept": {
    get?: never;
    put?: never;
    /** Accept an invitation */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["InvitationAccept"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Membership"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/domains": {
    /** List domains */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["DomainList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    /** Claim a domain */
    post: { parameters: { query?: never; header?: { "Idempotency-Key"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["DomainClaim"] } }; responses: { 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Domain"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/domains/{domain}": {
    /** Read a domain */
    get: { parameters: { query?: never; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "domain": components['schemas']["DomainName"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Domain"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    /** Give up a domain */
    delete: { parameters: { query?: never; header?: never; path: { "tenant": components['schemas']["Name"]; "domain": components['schemas']["DomainName"] } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    patch?: never;
  };
  "/v1/tenants/{tenant}/domains/{domain}/check": {
    get?: never;
    put?: never;
    /** Check the proof of a domain now */
    post: { parameters: { query?: never; header?: never; path: { "tenant": components['schemas']["Name"]; "domain": components['schemas']["DomainName"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Domain"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/gateways": {
    /** List gateways */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string; "prefix"?: string; "label"?: string; "revision"?: number }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["GatewayList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/gateways/{name}": {
    /** Read a gateway */
    get: { parameters: { query?: { "revision"?: number }; header?: { "If-None-Match"?: string; "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["GatewayResource"] } }; 304: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Create or replace a gateway */
    put: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "If-None-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["GatewayInput"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["GatewayWritten"] } }; 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["GatewayWritten"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["GatewayWritten"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    post?: never;
    /** Delete a gateway */
    delete: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Waited"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Waited"] } }; 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Change parts of a gateway */
    patch: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody: { content: { "application/merge-patch+json": components['schemas']["MergePatch"]; "application/json": components['schemas']["MergePatch"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["GatewayWritten"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["GatewayWritten"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
  };
  "/v1/tenants/{tenant}/routes": {
    /** List routes */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string; "prefix"?: string; "label"?: string; "revision"?: number }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RouteList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/routes/{name}": {
    /** Read a route */
    get: { parameters: { query?: { "revision"?: number }; header?: { "If-None-Match"?: string; "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RouteResource"] } }; 304: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Create or replace a route */
    put: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "If-None-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["Route"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RouteWritten"] } }; 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RouteWritten"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RouteWritten"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    post?: never;
    /** Delete a route */
    delete: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Waited"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Waited"] } }; 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Change parts of a route */
    patch: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody: { content: { "application/merge-patch+json": components['schemas']["MergePatch"]; "application/json": components['schemas']["MergePatch"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RouteWritten"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RouteWritten"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
  };
  "/v1/tenants/{tenant}/upstreams": {
    /** List upstreams */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string; "prefix"?: string; "label"?: string; "revision"?: number }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["UpstreamList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/upstreams/{name}": {
    /** Read an upstream */
    get: { parameters: { query?: { "revision"?: number }; header?: { "If-None-Match"?: string; "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["UpstreamResource"] } }; 304: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Create or replace an upstream */
    put: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "If-None-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["Upstream"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["UpstreamWritten"] } }; 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["UpstreamWritten"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["UpstreamWritten"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    post?: never;
    /** Delete an upstream */
    delete: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Waited"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Waited"] } }; 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Change parts of an upstream */
    patch: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody: { content: { "application/merge-patch+json": components['schemas']["MergePatch"]; "application/json": components['schemas']["MergePatch"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["UpstreamWritten"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["UpstreamWritten"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
  };
  "/v1/tenants/{tenant}/certificates": {
    /** List certificates */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string; "prefix"?: string; "label"?: string; "revision"?: number }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["CertificateList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/certificates/{name}": {
    /** Read a certificate */
    get: { parameters: { query?: { "revision"?: number }; header?: { "If-None-Match"?: string; "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["CertificateResource"] } }; 304: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Create or replace a certificate */
    put: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "If-None-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["CertificateInput"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["CertificateWritten"] } }; 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["CertificateWritten"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["CertificateWritten"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    post?: never;
    /** Delete a certificate */
    delete: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Waited"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Waited"] } }; 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Change parts of a certificate */
    patch: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody: { content: { "application/merge-patch+json": components['schemas']["MergePatch"]; "application/json": components['schemas']["MergePatch"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["CertificateWritten"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["CertificateWritten"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
  };
  "/v1/tenants/{tenant}/trustBundles": {
    /** List trustBundles */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string; "prefix"?: string; "label"?: string; "revision"?: number }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TrustBundleList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/trustBundles/{name}": {
    /** Read a trustBundle */
    get: { parameters: { query?: { "revision"?: number }; header?: { "If-None-Match"?: string; "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TrustBundleResource"] } }; 304: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Create or replace a trustBundle */
    put: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "If-None-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["TrustBundle"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TrustBundleWritten"] } }; 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TrustBundleWritten"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TrustBundleWritten"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    post?: never;
    /** Delete a trustBundle */
    delete: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Waited"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Waited"] } }; 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Change parts of a trustBundle */
    patch: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody: { content: { "application/merge-patch+json": components['schemas']["MergePatch"]; "application/json": components['schemas']["MergePatch"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TrustBundleWritten"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["TrustBundleWritten"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
  };
  "/v1/tenants/{tenant}/certificates/{name}/status": {
    /** Read how far the certificates of each host are */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "name": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["CertificateStatus"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/upstreams/{upstream}/endpoints/{id}": {
    /** Read a registered endpoint */
    get: { parameters: { query?: never; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "upstream": components['schemas']["Name"]; "id": string } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RegisteredEndpoint"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Register an endpoint of an upstream, or renew its registration */
    put: { parameters: { query?: never; header?: never; path: { "tenant": components['schemas']["Name"]; "upstream": components['schemas']["Name"]; "id": string } }; requestBody: { content: { "application/json": components['schemas']["EndpointRegistration"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RegisteredEndpoint"] } }; 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RegisteredEndpoint"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    post?: never;
    /** Remove a registered endpoint */
    delete: { parameters: { query?: never; header?: never; path: { "tenant": components['schemas']["Name"]; "upstream": components['schemas']["Name"]; "id": string } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    patch?: never;
  };
  "/v1/tenants/{tenant}/upstreams/{upstream}/endpoints": {
    /** List the registered endpoints of an upstream */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "upstream": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RegisteredEndpointList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/upstreams/{upstream}/health": {
    /** Read the health of the endpoints of an upstream on each node */
    get: { parameters: { query?: never; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "upstream": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["EndpointHealth"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/fleets/{fleet}/endpoint-health": {
    get?: never;
    put?: never;
    /** Report the health of endpoints that changed on a node */
    post: { parameters: { query?: never; header?: never; path: { "fleet": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["EndpointHealthReport"] } }; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/revisions": {
    /** List revisions, newest first */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RevisionList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    /** Change several resources as one revision */
    post: { parameters: { query?: { "dryRun"?: boolean }; header?: { "If-Match"?: string; "Prefer"?: string; "Idempotency-Key"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["RevisionCreate"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RevisionOutcome"] } }; 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RevisionOutcome"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RevisionOutcome"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 410: components['responses']["Problem410"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/revisions/{revision}": {
    /** Read a revision */
    get: { parameters: { query?: never; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "revision": number } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Revision"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/configuration": {
    /** Read the whole configuration */
    get: { parameters: { query?: { "revision"?: number }; header?: { "If-None-Match"?: string; "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Configuration"] } }; 304: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Replace the whole configuration */
    put: { parameters: { query?: { "prune"?: boolean; "dryRun"?: boolean; "message"?: string }; header?: { "If-Match"?: string; "Prefer"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["ConfigurationInput"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RevisionOutcome"] } }; 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RevisionOutcome"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RevisionOutcome"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/revisions/{revision}/configuration": {
    /** Read the whole configuration at a revision */
    get: { parameters: { query?: never; header?: { "If-None-Match"?: string; "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "revision": number } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Configuration"] } }; 304: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/revisions/{revision}/status": {
    /** Read the status of a revision on each fleet and node */
    get: { parameters: { query?: never; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "revision": number } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RevisionStatus"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/fleets/{fleet}/status": {
    get?: never;
    put?: never;
    /** Report the progress of the nodes of an agent */
    post: { parameters: { query?: never; header?: never; path: { "fleet": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["StatusReport"] } }; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/explain": {
    get?: never;
    put?: never;
    /** Which rule serves a request, and why */
    post: { parameters: { query?: never; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["ExplainInput"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Explanation"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 410: components['responses']["Problem410"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/revisions/{revision}/diff": {
    /** Compare two revisions: changed fields, and requests that they answer differently */
    get: { parameters: { query?: { "from"?: number }; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"]; "revision": number } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RevisionDiff"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 410: components['responses']["Problem410"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/tenants/{tenant}/quickstart": {
    get?: never;
    put?: never;
    /** Give an application an address on the platform domain */
    post: { parameters: { query?: { "dryRun"?: boolean }; header?: { "Prefer"?: string; "Idempotency-Key"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["Quickstart"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["QuickstartOutcome"] } }; 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["QuickstartOutcome"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["QuickstartOutcome"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/fleets": {
    /** List fleets */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string; "label"?: string }; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["FleetList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    /** Create a fleet */
    post: { parameters: { query?: { "force"?: boolean }; header?: { "Prefer"?: string; "Idempotency-Key"?: string }; path?: never }; requestBody: { content: { "application/json": components['schemas']["FleetCreate"] } }; responses: { 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["ChangedFleet"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["ChangedFleet"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/fleets/{fleet}": {
    /** Read a fleet */
    get: { parameters: { query?: never; header?: { "If-None-Match"?: string; "Gatehouse-Reason"?: string }; path: { "fleet": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Fleet"] } }; 304: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    /** Delete a fleet */
    delete: { parameters: { query?: { "force"?: boolean }; header?: { "If-Match"?: string }; path: { "fleet": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["RemovedFleet"] } }; 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    /** Change a fleet */
    patch: { parameters: { query?: { "force"?: boolean }; header?: { "If-Match"?: string; "Prefer"?: string }; path: { "fleet": components['schemas']["Name"] } }; requestBody: { content: { "application/merge-patch+json": components['schemas']["FleetPatch"]; "application/json": components['schemas']["FleetPatch"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["ChangedFleet"] } }; 202: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["ChangedFleet"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 412: components['responses']["Problem412"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
  };
  "/v1/tenants/{tenant}/fleets": {
    /** List the fleets that the tenant manages */
    get: { parameters: { query?: never; header?: { "Gatehouse-Reason"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["FleetList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    /** Create a fleet that the tenant manages */
    post: { parameters: { query?: { "force"?: boolean }; header?: { "Idempotency-Key"?: string }; path: { "tenant": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["TenantFleetCreate"] } }; responses: { 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["ChangedFleet"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/fleets/{fleet}/nodes": {
    /** List a fleet's Envoys */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: { "Gatehouse-Reason"?: string }; path: { "fleet": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["NodeList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/fleets/{fleet}/nodes/{node}": {
    get?: never;
    put?: never;
    post?: never;
    delete?: never;
    /** Drain an Envoy, or end its drain */
    patch: { parameters: { query?: never; header?: never; path: { "fleet": components['schemas']["Name"]; "node": string } }; requestBody: { content: { "application/merge-patch+json": components['schemas']["NodePatch"]; "application/json": components['schemas']["NodePatch"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["Node"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
  };
  "/v1/fleets/{fleet}/enrolments": {
    /** List the one-time tokens of a fleet */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: { "Gatehouse-Reason"?: string }; path: { "fleet": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["EnrolmentList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    /** Create a one-time token with which an agent enrols */
    post: { parameters: { query?: never; header?: { "Idempotency-Key"?: string }; path: { "fleet": components['schemas']["Name"] } }; requestBody: { content: { "application/json": components['schemas']["EnrolmentCreate"] } }; responses: { 201: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["EnrolmentCreated"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 409: components['responses']["Problem409"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/fleets/{fleet}/enrolments/{id}": {
    get?: never;
    put?: never;
    post?: never;
    /** Revoke a one-time token that was not used */
    delete: { parameters: { query?: never; header?: never; path: { "fleet": components['schemas']["Name"]; "id": string } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    patch?: never;
  };
  "/v1/agents": {
    get?: never;
    put?: never;
    /** Enrol an agent with a one-time token */
    post: { parameters: { query?: never; header?: never; path?: never }; requestBody: { content: { "application/json": components['schemas']["AgentEnrol"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["AgentEnrolled"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/agents/{agent}/renewals": {
    get?: never;
    put?: never;
    /** Renew the credential of an agent */
    post: { parameters: { query?: never; header?: never; path: { "agent": string } }; requestBody: { content: { "application/json": components['schemas']["AgentRenew"] } }; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["AgentRenewed"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 413: components['responses']["Problem413"]; 415: components['responses']["Problem415"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    delete?: never;
    patch?: never;
  };
  "/v1/fleets/{fleet}/agents": {
    /** List the agents that enrolled in a fleet */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string }; header?: { "Gatehouse-Reason"?: string }; path: { "fleet": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["AgentList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/fleets/{fleet}/agents/{agent}": {
    get?: never;
    put?: never;
    post?: never;
    /** Revoke an agent */
    delete: { parameters: { query?: never; header?: never; path: { "fleet": components['schemas']["Name"]; "agent": string } }; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    patch?: never;
  };
  "/v1/fleets/{fleet}/feed": {
    /** Read the feed of a fleet */
    get: { parameters: { query?: { "after"?: number; "drains"?: number; "wait"?: number }; header?: never; path: { "fleet": components['schemas']["Name"] } }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["FeedPage"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 404: components['responses']["Problem404"]; 406: components['responses']["Problem406"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
  "/v1/mail": {
    /** List messages, the newest first */
    get: { parameters: { query?: { "limit"?: number; "cursor"?: string; "state"?: "queued" | "sent" | "failed" }; header?: never; path?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { "application/json": components['schemas']["MailList"] } }; 400: components['responses']["Problem400"]; 401: components['responses']["Problem401"]; 403: components['responses']["Problem403"]; 408: components['responses']["Problem408"]; 422: components['responses']["Problem422"]; 429: components['responses']["Problem429"]; 431: components['responses']["Problem431"]; 500: components['responses']["Problem500"]; 503: components['responses']["Problem503"] } };
    put?: never;
    post?: never;
    delete?: never;
    patch?: never;
  };
}

export interface components {
  schemas: {
    /** RFC 9457 problem details. */
    Problem: { "type": string; "title": string; "status": number; "code": "malformed-json" | "malformed-request" | "unauthorized" | "sign-in-failed" | "wrong-credentials" | "proof-required" | "forbidden" | "tenant-suspended" | "agent-stopped" | "not-found" | "method-not-allowed" | "not-acceptable" | "request-timeout" | "already-member" | "last-owner" | "name-taken" | "still-referenced" | "host-taken" | "reserved-host" | "domain-not-proven" | "domain-taken" | "port-taken" | "too-many-tenants" | "no-platform-domain" | "dns-upstream" | "fleet-in-use" | "too-many" | "plan-in-use" | "idempotency-conflict" | "revision-pruned" | "precondition-failed" | "payload-too-large" | "unsupported-media-type" | "invalid-request" | "invalid-code" | "invalid-passkey" | "invalid-configuration" | "invalid-certificate" | "idempotency-key-reused" | "too-many-requests" | "headers-too-large" | "internal" | "unavailable"; "detail"?: string; "requestId": string; "violations"?: Array<components['schemas']["ProblemViolation"]>; "moreViolations"?: number };
    ProblemViolation: { "tenant"?: string; "resource"?: string; "kind"?: "gateway" | "route" | "upstream" | "certificate" | "trustBundle"; "name"?: string; "path": string; "pointer"?: string; "code": string; "message": string; "hint"?: string };
    Health: { "status": "ok" };
    /** The answer is the same for an address that has no account. */
    CodeSent: { "sentTo": string };
    SignUp: { "email": string; "password": string; "name"?: string };
    SignedIn: { "person": components['schemas']["Person"]; "session": components['schemas']["Session"]; "token"?: string };
    Person: { "id": string; "email": string; "name": string; "role"?: string; "createdAt": string };
    /** A session of a person, without its secret. */
    Session: { "id": string; "createdAt": string; "expiresAt": string; "remote": string; "userAgent": string; "name"?: string; "method"?: "password" | "company" | "passkey" | "device"; "current": boolean };
    Verification: { "code": string; "password": string; "credential"?: "cookie" | "bearer" };
    SignIn: { "email": string; "password": string; "credential"?: "cookie" | "bearer" };
    SessionList: { "items": Array<components['schemas']["Session"]> };
    /** The response of RFC 8628 §3.2. */
    DeviceAuthorization: { "device_code": string; "user_code": string; "verification_uri": string; "verification_uri_complete": string; "expires_in": number; "interval": number };
    /** An error of OAuth 2.0 (RFC 6749 §5.2). */
    OAuthError: { "error": "invalid_request" | "invalid_client" | "invalid_grant" | "invalid_scope" | "unsupported_grant_type" | "authorization_pending" | "slow_down" | "access_denied" | "expired_token" | "temporarily_unavailable" | "server_error"; "error_description"?: string; "requestId": string };
    DeviceRequest: { "client_id": string; "scope"?: string; "device_name"?: string };
    /** The response of RFC 6749 §5.1. */
    DeviceToken: { "access_token": string; "token_type": "Bearer"; "expires_in": number };
    DeviceTokenRequest: { "grant_type": string; "device_code": string; "client_id": string };
    /** A request of a command to sign in, which nobody has decided. */
    PendingDevice: { "name": string; "remote": string; "createdAt": string; "expiresAt": string };
    DeviceLookUp: { "userCode": string };
    DeviceDecision: { "userCode": string; "decision": "approve" | "deny" };
    ForgottenPassword: { "email": string };
    PasswordReset: { "code": string; "password": string };
    PasswordChange: { "current"?: string; "passkey"?: { "id": string; "rawId": string; "type": "public-key"; "response": { "clientDataJSON": string; "authenticatorData": string; "signature": string; "userHandle"?: (string | null) } }; "code"?: string; "password": string };
    EmailChange: { "email": string; "password"?: string; "passkey"?: { "id": string; "rawId": string; "type": "public-key"; "response": { "clientDataJSON": string; "authenticatorData": string; "signature": string; "userHandle"?: (string | null) } }; "code"?: string };
    EmailConfirmation: { "code": string };
    Proof: { "password"?: string; "passkey"?: { "id": string; "rawId": string; "type": "public-key"; "response": { "clientDataJSON": string; "authenticatorData": string; "signature": string; "userHandle"?: (string | null) } }; "code"?: string };
    /** The input of `PublicKeyCredential.parseCreationOptionsFromJSON()`. */
    PasskeyCreationOptions: { "rp": { "id": string; "name": string }; "user": { "id": string; "name": string; "displayName": string }; "challenge": string; "pubKeyCredParams": Array<{ "type": "public-key"; "alg": number }>; "timeout": number; "attestation": "none"; "excludeCredentials": Array<{ "id": string; "type": "public-key"; "transports": Array<string> }>; "authenticatorSelection": { "residentKey": "required"; "requireResidentKey": true; "userVerification": "required" } };
    /** A passkey with which a person signs in. */
    Passkey: { "id": string; "name": string; "syncable": boolean; "synced": boolean; "createdAt": string; "lastUsedAt"?: string };
    PasskeyAdd: { "name"?: string; "passkey": components['schemas']["PasskeyRegistration"] };
    /** The result of `navigator.credentials.create()`, as its `toJSON()` returns it. */
    PasskeyRegistration: { "id": string; "rawId": string; "type": "public-key"; "response": { "clientDataJSON": string; "attestationObject": string; "transports"?: Array<string> } };
    PasskeyList: { "items": Array<components['schemas']["Passkey"]> };
    PasskeyPatch: { "name": string };
    /** The input of `PublicKeyCredential.parseRequestOptionsFromJSON()`. */
    PasskeyRequestOptions: { "rpId": string; "challenge": string; "timeout": number; "allowCredentials": Array<{ "id": string; "type": "public-key"; "transports": Array<string> }>; "userVerification": "required" };
    PasskeySignIn: { "passkey": components['schemas']["PasskeyAssertion"]; "credential"?: "cookie" | "bearer" };
    /** The result of `navigator.credentials.get()`, as its `toJSON()` returns it. */
    PasskeyAssertion: { "id": string; "rawId": string; "type": "public-key"; "response": { "clientDataJSON": string; "authenticatorData": string; "signature": string; "userHandle"?: (string | null) } };
    Tenant: { "name": components['schemas']["Name"]; "displayName": string; "labels": components['schemas']["Labels"]; "revision": number; "plan": string; "createdAt": string; "defaultHost"?: string; "suspendedAt"?: string; "suspendedReason"?: string; "deletedAt"?: string; "purgeAt"?: string };
    /** A DNS label: lower-case letters, digits and inner hyphens, at most 63. */
    Name: string;
    /** Free labels, at most 64: keys as `[prefix/]name`, values up to 63 characters. */
    Labels: Record<string, string>;
    TenantCreate: { "name": components['schemas']["Name"]; "displayName"?: string; "labels"?: components['schemas']["Labels"] };
    TenantList: { "items": Array<components['schemas']["Tenant"]>; "next"?: string };
    /** Each member that is present replaces the stored one. `labels` replaces all stored labels. */
    TenantPatch: { "displayName"?: string; "labels"?: components['schemas']["Labels"] };
    Suspension: { "reason": string };
    PlanList: { "items": Array<components['schemas']["Plan"]>; "next"?: string };
    Plan: { "name": components['schemas']["Name"]; "description": string; "quotas": components['schemas']["PlanQuotas"]; "limits": components['schemas']["PlanLimits"]; "createdAt"?: string };
    /** The limits that the plan sets. A limit that is absent is that of the settings of the API. */
    PlanQuotas: { "gateways"?: number; "routes"?: number; "rules"?: number; "upstreams"?: number; "certificates"?: number; "trustBundles"?: number; "gatewayHosts"?: number; "routeHosts"?: number; "hostConditions"?: number; "routeMemory"?: number; "endpoints"?: number; "clusters"?: number; "hostClusters"?: number; "checksPerSecond"?: number; "udpSessions"?: number; "patternTime"?: number; "patternMemory"?: number; "tlsProfiles"?: number; "connectionRules"?: number; "connectionPorts"?: number; "revisions"?: number; "revisionDays"?: number; "revisionStorage"?: number; "requestsPerSecond"?: number; "requestBurst"?: number; "tokens"?: number; "members"?: number; "domains"?: number; "fleets"?: number };
    /** All limits that tenants with this plan have. */
    PlanLimits: { "gateways": number; "routes": number; "rules": number; "upstreams": number; "certificates": number; "trustBundles": number; "gatewayHosts": number; "routeHosts": number; "hostConditions": number; "routeMemory": number; "endpoints": number; "clusters": number; "hostClusters": number; "checksPerSecond": number; "udpSessions": number; "patternTime": number; "patternMemory": number; "tlsProfiles": number; "connectionRules": number; "connectionPorts": number; "revisions": number; "revisionDays": number; "revisionStorage": number; "requestsPerSecond": number; "requestBurst": number; "tokens": number; "members": number; "domains": number; "fleets": number };
    PlanWrite: { "description"?: string; "quotas": components['schemas']["PlanQuotas"] };
    TenantPlan: { "plan": components['schemas']["Name"] };
    Usage: { "plan": components['schemas']["Name"]; "quotas": Record<string, components['schemas']["QuotaUsage"]> };
    QuotaUsage: { "limit": number; "used"?: number };
    TokenCreated: { "id": string; "description": string; "scopes": Array<"read" | "write" | "admin" | "agent" | "operator" | "support">; "kinds"?: Array<"gateway" | "route" | "upstream" | "certificate" | "trustBundle">; "prefix": string; "createdAt": string; "expiresAt"?: string; "revokedAt"?: string; "lastUsedAt"?: string; "createdBy"?: string; "token": string };
    /** `admin` implies `write`, `write` implies `read`. A token that is created by another one expires with it at the latest, and is revoked with it. */
    TenantTokenCreate: { "description"?: string; "expiresAt"?: string; "scopes": Array<"read" | "write" | "admin">; "kinds"?: Array<"gateway" | "route" | "upstream" | "certificate" | "trustBundle"> };
    TokenList: { "items": Array<components['schemas']["Token"]>; "next"?: string };
    /** The stored data about a token, which do not include the token itself. */
    Token: { "id": string; "description": string; "scopes": Array<"read" | "write" | "admin" | "agent" | "operator" | "support">; "kinds"?: Array<"gateway" | "route" | "upstream" | "certificate" | "trustBundle">; "prefix": string; "createdAt": string; "expiresAt"?: string; "revokedAt"?: string; "lastUsedAt"?: string; "createdBy"?: string };
    TokenCreate: { "description"?: string; "expiresAt"?: string };
    PlatformTokenCreate: { "description"?: string; "expiresAt"?: string; "scopes"?: Array<components['schemas']["PlatformRole"]> };
    /** `support` reads all tenants when the request states a reason. An `operator` does everything else too. */
    PlatformRole: "operator" | "support";
    AuditPage: { "items": Array<components['schemas']["AuditEntry"]>; "next"?: string };
    AuditEntry: { "chain": string; "number": number; "actor": string; "actorName"?: string; "action": string; "target": string; "at": string; "requestId": string; "remote": string; "diff"?: { "changes": Array<components['schemas']["AuditDifference"]>; "isPartial"?: true }; "previous": string; "hash": string };
    /** A changed field. Fields of configurations have no values here: the revisions contain them. */
    AuditDifference: { "resource"?: string; "path": string; "operation": "add" | "remove" | "replace"; "before"?: unknown; "after"?: unknown };
    /** The caller, and what the caller may do. */
    Me: { "type": "person" | "token" | "agent" | "operator" | "support"; "id": string; "email"?: string; "memberships"?: Array<{ "tenant": string; "role": components['schemas']["TenantRole"]; "suspendedAt"?: string; "suspendedReason"?: string; "deletedAt"?: string; "purgeAt"?: string }>; "platform"?: "operator" | "support"; "tenant"?: string; "fleet"?: string; "scopes"?: Array<string>; "kinds"?: Array<string>; "roles"?: Array<string>; "expiresAt"?: string };
    /** A `viewer` reads the tenant. A `route-editor` also writes routes, upstreams and their endpoints. A `gateway-admin` also writes gateways, certificates and trust bundles. An `owner` also changes the tenant, its members and its tokens. */
    TenantRole: "viewer" | "route-editor" | "gateway-admin" | "owner";
    MemberList: { "items": Array<components['schemas']["Member"]>; "next"?: string };
    /** A person with a role in a tenant. */
    Member: { "person": string; "email"?: string; "name"?: string; "role": components['schemas']["TenantRole"]; "createdAt": string };
    MemberPatch: { "role": components['schemas']["TenantRole"] };
    StaffList: { "items": Array<components['schemas']["StaffMember"]>; "next"?: string };
    /** A person with a role in the platform. */
    StaffMember: { "person": string; "email": string; "name": string; "role": components['schemas']["PlatformRole"] };
    StaffPut: { "role": components['schemas']["PlatformRole"] };
    /** An invitation to a tenant. Only the mail contains its secret. */
    Invitation: { "id": string; "email": string; "role": components['schemas']["TenantRole"]; "invitedBy": string; "createdAt": string; "expiresAt": string; "acceptedAt"?: string; "revokedAt"?: string };
    InvitationCreate: { "email": string; "role": components['schemas']["TenantRole"] };
    InvitationList: { "items": Array<components['schemas']["Invitation"]>; "next"?: string };
    Membership: { "tenant": string; "role": components['schemas']["TenantRole"] };
    InvitationAccept: { "code": string };
    Domain: { "name": components['schemas']["DomainName"]; "unicode"?: string; "looksLike"?: string; "state": "pending" | "proven" | "grace"; "records": Array<components['schemas']["ProofRecord"]>; "reason"?: string; "createdAt": string; "checkedAt"?: string; "provenAt"?: string; "nextCheckAt"?: string; "releaseAt"?: string };
    /** A domain in A-labels, such as `example.com` or `xn--bcher-kva.example`. */
    DomainName: string;
    ProofRecord: { "type": "TXT" | "CNAME"; "name": string; "value": string };
    DomainClaim: { "name": components['schemas']["ClaimedDomainName"] };
    /** The domain to claim: itself and all names below it. International names are stored in A-labels (`bücher.example` becomes `xn--bcher-kva.example`). */
    ClaimedDomainName: string;
    DomainList: { "items": Array<components['schemas']["Domain"]>; "next"?: string };
    GatewayList: { "items": Array<components['schemas']["GatewayResource"]>; "next"?: string };
    GatewayResource: { "name": components['schemas']["Name"]; "revision": number; "updatedAt": string; "spec": components['schemas']["Gateway"] };
    /** Opens the door: which ports, hosts and certificates, on which fleets. */
    Gateway: { "labels"?: components['schemas']["Labels"]; "selector": Record<string, string>; "servers": Array<components['schemas']["Server"]> };
    /** One open door: a port, the hosts admitted through it, and the TLS it speaks. */
    Server: { "port": components['schemas']["ServerPort"]; "hosts": Array<components['schemas']["HostPattern"]>; "tls"?: components['schemas']["ServerTls"]; "http3"?: boolean; "escapedSlashes"?: "keep" | "redirect" | "reject"; "allowedRoutes"?: components['schemas']["AllowedRoutes"] };
    ServerPort: { "number": number; "name": string; "protocol": "HTTP" | "HTTPS" | "GRPC" | "GRPC-WEB" | "HTTP2" | "TCP" | "TLS" | "UDP" | "MONGO" | "MYSQL" | "REDIS" | "POSTGRES" };
    /** An exact host, `*.example.com` (any depth below, never example.com itself) or `*`. Written in any case, with or without port and trailing dot; kept lower-case without them. */
    HostPattern: string;
    ServerTls: { "mode"?: "SIMPLE" | "MUTUAL" | "OPTIONAL_MUTUAL" | "PASSTHROUGH" | "AUTO_PASSTHROUGH"; "credentialName"?: string; "credentialNames"?: Array<components['schemas']["Name"]>; "httpsRedirect"?: boolean; "sameServerOnly"?: true; "caCertificates"?: string; "subjectAltNames"?: Array<string>; "acceptUntrusted"?: true; "minProtocolVersion"?: "TLSV1_0" | "TLSV1_1" | "TLSV1_2" | "TLSV1_3"; "maxProtocolVersion"?: "TLSV1_0" | "TLSV1_1" | "TLSV1_2" | "TLSV1_3"; "cipherSuites"?: Array<"ECDHE-ECDSA-AES128-GCM-SHA256" | "ECDHE-RSA-AES128-GCM-SHA256" | "ECDHE-ECDSA-AES256-GCM-SHA384" | "ECDHE-RSA-AES256-GCM-SHA384" | "ECDHE-ECDSA-CHACHA20-POLY1305" | "ECDHE-RSA-CHACHA20-POLY1305" | "ECDHE-ECDSA-AES128-SHA" | "ECDHE-RSA-AES128-SHA" | "ECDHE-ECDSA-AES256-SHA" | "ECDHE-RSA-AES256-SHA" | "AES128-GCM-SHA256" | "AES256-GCM-SHA384" | "AES128-SHA" | "AES256-SHA">; "alpn"?: Array<"h2" | "http/1.1"> };
    /** Which tenants’ routes may attach to a server, and for which hosts. Default: only the same tenant’s. */
    AllowedRoutes: { "tenants": ("same" | "all" | Array<components['schemas']["Name"]>); "hosts"?: Array<components['schemas']["HostPattern"]> };
    GatewayWritten: { "name": components['schemas']["Name"]; "revision": number; "updatedAt": string; "spec": components['schemas']["Gateway"]; "dryRun": boolean; "warnings": Array<components['schemas']["ProblemViolation"]> };
    /** Opens the door: which ports, hosts and certificates, on which fleets. */
    GatewayInput: { "labels"?: components['schemas']["Labels"]; "selector": Record<string, string>; "servers": Array<components['schemas']["ServerInput"]> };
    /** One open door: a port, the hosts admitted through it, and the TLS it speaks. */
    ServerInput: { "port": components['schemas']["ServerPortInput"]; "hosts": Array<components['schemas']["HostPattern"]>; "tls"?: components['schemas']["ServerTls"]; "http3"?: boolean; "escapedSlashes"?: "keep" | "redirect" | "reject"; "allowedRoutes"?: components['schemas']["AllowedRoutes"] };
    ServerPortInput: { "number"?: number; "name": string; "protocol": "HTTP" | "HTTPS" | "GRPC" | "GRPC-WEB" | "HTTP2" | "TCP" | "TLS" | "UDP" | "MONGO" | "MYSQL" | "REDIS" | "POSTGRES" };
    /** A JSON merge patch (RFC 7396): members replace stored ones, and null removes a member. */
    MergePatch: Record<string, unknown>;
    Waited: { "revision": number; "dryRun": boolean; "warnings"?: Array<components['schemas']["ProblemViolation"]> };
    RouteList: { "items": Array<components['schemas']["RouteResource"]>; "next"?: string };
    RouteResource: { "name": components['schemas']["Name"]; "revision": number; "updatedAt": string; "spec": components['schemas']["Route"] };
    /** Shows the way: matches requests for its hosts and sends them to upstreams. */
    Route: { "labels"?: components['schemas']["Labels"]; "hosts"?: Array<components['schemas']["HostPattern"]>; "gateways"?: Array<components['schemas']["GatewayReference"]>; "parents"?: Array<components['schemas']["ParentReference"]>; "order"?: "written" | "specific"; "http"?: Array<components['schemas']["Rule"]>; "tls"?: Array<components['schemas']["TlsRule"]>; "tcp"?: Array<components['schemas']["TcpRule"]>; "udp"?: Array<components['schemas']["UdpRule"]> };
    /** The name of a gateway of the same tenant, or `tenant/name` for a shared gateway of another tenant. With `:portName`, only the server whose port has this name, as in `web:https`. `mesh`: the sidecars and proxyless gRPC clients of the tenant. */
    GatewayReference: string;
    /** The name of a route, or `*` for every route: of the same tenant, or of another tenant as `tenant/name` and `tenant/*`. */
    ParentReference: string;
    /** Which requests, and what becomes of them. */
    Rule: { "name"?: components['schemas']["Name"]; "match"?: Array<components['schemas']["Match"]>; "rewrite"?: components['schemas']["Rewrite"]; "route"?: Array<components['schemas']["WeightedDestination"]>; "redirect"?: components['schemas']["Redirect"]; "directResponse"?: components['schemas']["DirectResponse"]; "delegate"?: components['schemas']["Delegate"]; "timeout"?: string; "idleTimeout"?: string; "streamTimeout"?: string; "upgrades"?: Array<string>; "retries"?: components['schemas']["Retries"]; "fault"?: components['schemas']["Fault"]; "cors"?: components['schemas']["Cors"]; "grpcWeb"?: boolean; "mirrors"?: Array<components['schemas']["Mirror"]>; "headers"?: { "request"?: components['schemas']["HeaderChanges"]; "response"?: components['schemas']["HeaderChanges"] } };
    /** A condition: every field must match. */
    Match: { "uri"?: components['schemas']["UriMatch"]; "ignoreUriCase"?: boolean; "grpc"?: components['schemas']["GrpcMatch"]; "method"?: components['schemas']["StringMatch"]; "scheme"?: { "exact"?: string; "prefix"?: string; "regex"?: string }; "authority"?: { "exact"?: string; "prefix"?: string; "regex"?: string }; "headers"?: Record<string, components['schemas']["HeaderMatch"]>; "withoutHeaders"?: Record<string, components['schemas']["HeaderMatch"]>; "cookies"?: Record<string, components['schemas']["HeaderMatch"]>; "queryParams"?: Record<string, components['schemas']["StringMatch"]>; "source"?: Array<string>; "port"?: number; "gateways"?: Array<string> };
    /** How the path, without its query, must look: exactly one field. Parameters belong to their segment: `pathPrefix: /admin` matches neither `/admin;a=b` nor `/;/admin`. A server such as Tomcat drops `;a=b`, so rules that protect its paths also need a `regex` such as `/(;[^/]* /)*admin(;.*|/.*)?`. */
    UriMatch: { "exact"?: string; "prefix"?: string; "pathPrefix"?: string; "regex"?: string };
    /** The request is a gRPC call, also one of gRPC-Web, of this service and method. Other requests for the same path do not match. */
    GrpcMatch: { "service"?: { "exact"?: string; "prefix"?: string; "regex"?: string }; "method"?: { "exact"?: string; "prefix"?: string; "regex"?: string } };
    /** How a text must look, case-sensitive: exactly one field. */
    StringMatch: { "exact"?: string; "prefix"?: string; "regex"?: string };
    /** How a header must look: exactly one field. Of several headers of one name, one must look so; for some standard headers, such as `accept`, Envoy first joins them with commas. */
    HeaderMatch: { "exact"?: string; "prefix"?: string; "regex"?: string; "present"?: true };
    Rewrite: { "uri"?: string; "fullPath"?: string; "regex"?: { "pattern": string; "substitution": string }; "authority"?: string };
    WeightedDestination: { "destination"?: components['schemas']["Destination"]; "directResponse"?: { "status": number; "body"?: string; "contentType"?: string; "headers"?: Record<string, string> }; "weight"?: number; "rewrite"?: { "uri"?: string; "fullPath"?: string; "regex"?: { "pattern": string; "substitution": string }; "authority"?: string }; "headers"?: { "request"?: components['schemas']["HeaderChanges"]; "response"?: components['schemas']["HeaderChanges"] } };
    Destination: { "upstream": components['schemas']["Name"]; "subset"?: components['schemas']["Name"]; "port"?: number };
    /** Values are literal; `%` has no special meaning. */
    HeaderChanges: { "set"?: Record<string, string>; "add"?: Record<string, string>; "remove"?: Array<string> };
    /** Sends the client to another URL, which keeps the parts that no field names, and the query. */
    Redirect: { "scheme"?: "http" | "https"; "authority"?: string; "port"?: number; "uri"?: string; "prefix"?: string; "status"?: 301 };
    /** An answer without any upstream. */
    DirectResponse: { "status": number; "body"?: string; "contentType"?: string; "headers"?: Record<string, string> };
    /** The rules of another route serve the requests, as if they were written in the place of this rule. Each of their conditions is combined with each condition of this rule, and must lie within its path prefix. Requests that none of them matches go on to the next rule of this route. */
    Delegate: { "route": string };
    /** Sends failed requests again. Without this field, each request is sent once. Retries of one upstream that are under way at the same time are limited by its `circuitBreaker`: to 3, unless it has `maxRetries` or `retryBudget`. */
    Retries: { "attempts": number; "on"?: Array<("connect-failure" | "refused-stream" | "reset-before-request" | "reset" | "5xx" | "gateway-error" | "retriable-4xx" | "cancelled" | "deadline-exceeded" | "internal" | "resource-exhausted" | "unavailable" | number)>; "nonIdempotent"?: boolean; "perTryTimeout"?: string; "backoff"?: { "base"?: string; "max"?: string }; "hosts"?: "other" | "any" };
    /** Injects faults, to test how clients bear them. A request may be both delayed and aborted: it waits first, and each share is drawn on its own. With `fromHeader`, clients choose the fault of their own requests; a `match` on a header that only testers know limits who can. */
    Fault: { "delay"?: components['schemas']["FaultDelay"]; "abort"?: components['schemas']["FaultAbort"] };
    /** Delays requests. */
    FaultDelay: { "fixed"?: string; "fromHeader"?: true; "percentage"?: number };
    /** Answers requests in place of the upstream, with the body `fault filter abort`. */
    FaultAbort: { "httpStatus"?: number; "grpcStatus"?: number; "fromHeader"?: true; "percentage"?: number };
    /** Lets pages of other origins use the rule (cross-origin resource sharing). The edge answers preflights itself, before any policy such as authentication. It writes the CORS headers of all responses to the rule, and removes those of the upstream. It does not reject requests: browsers do not let other pages read the responses. */
    Cors: { "allowOrigins": Array<components['schemas']["CorsOrigin"]>; "allowMethods"?: Array<string>; "allowHeaders"?: Array<string>; "exposeHeaders"?: Array<string>; "maxAge"?: string; "allowCredentials"?: boolean };
    /** Origins that are allowed: exactly one field. */
    CorsOrigin: { "exact"?: string; "prefix"?: string; "regex"?: string };
    /** Copies requests to a second upstream, as the first upstream receives them: with the rewritten path, the changed headers and the same Host. The gateway ignores the responses to the copies. The client notices nothing when the upstream of a copy is dead or answers late. An upload waits when the upstream reads its copy more slowly than the client sends; after a second without progress, the copy ends and the upload goes on. A copy ends after 10 seconds, also with HTTP/2. Each Envoy sends at most 256 copies at a time to a mirror, and drops others. A copy is not retried. The upstream of a mirror cannot have `dns: logical`. */
    Mirror: { "destination": components['schemas']["Destination"]; "percentage"?: number };
    /** Which TLS connections, and where they go. */
    TlsRule: { "match": Array<components['schemas']["TlsMatch"]>; "route": Array<components['schemas']["ConnectionDestination"]> };
    /** A condition on a TLS handshake: every field must match. */
    TlsMatch: { "sniHosts": Array<components['schemas']["HostPattern"]>; "port"?: number };
    ConnectionDestination: { "destination": components['schemas']["Destination"]; "weight"?: number };
    /** Which connections, and where they go. */
    TcpRule: { "match"?: Array<components['schemas']["ConnectionMatch"]>; "route": Array<components['schemas']["ConnectionDestination"]> };
    /** A condition on a connection: every field must match. */
    ConnectionMatch: { "port"?: number; "source"?: Array<string> };
    /** Which datagrams, and where they go. */
    UdpRule: { "match"?: Array<components['schemas']["ConnectionMatch"]>; "route": Array<components['schemas']["ConnectionDestination"]>; "idleTimeout"?: string };
    RouteWritten: { "name": components['schemas']["Name"]; "revision": number; "updatedAt": string; "spec": components['schemas']["Route"]; "dryRun": boolean; "warnings": Array<components['schemas']["ProblemViolation"]> };
    UpstreamList: { "items": Array<components['schemas']["UpstreamResource"]>; "next"?: string };
    UpstreamResource: { "name": components['schemas']["Name"]; "revision": number; "updatedAt": string; "spec": components['schemas']["Upstream"] };
    /** An application to which routes send requests: its endpoints, and the subsets of them that routes may name. */
    Upstream: { "labels"?: components['schemas']["Labels"]; "port": number; "protocol"?: "HTTP" | "HTTP2" | "HTTP3" | "GRPC" | "AUTO"; "endpoints": Array<components['schemas']["Endpoint"]>; "subsets"?: Array<components['schemas']["Subset"]>; "connectTimeout"?: string; "dns"?: "strict" | "logical"; "proxyProtocol"?: "V1" | "V2"; "tls"?: components['schemas']["UpstreamTls"]; "healthChecks"?: Array<components['schemas']["HealthCheck"]>; "loadBalancer"?: components['schemas']["LoadBalancer"]; "circuitBreaker"?: components['schemas']["CircuitBreaker"]; "outlierDetection"?: components['schemas']["OutlierDetection"] };
    Endpoint: { "address": string; "port"?: number; "labels"?: Record<string, string>; "locality"?: string; "priority"?: number; "weight"?: number };
    /** The endpoints that carry all of these labels. */
    Subset: { "name": components['schemas']["Name"]; "labels": Record<string, string> };
    /** The gateway connects to the endpoints with TLS (1.2 or 1.3) and verifies their certificates. */
    UpstreamTls: { "caCertificates"?: string; "sni"?: string; "subjectAltNames"?: Array<string>; "credentialName"?: string };
    /** A check that each Envoy performs on each endpoint while a host that uses the upstream is in use. */
    HealthCheck: { "http"?: components['schemas']["HttpHealthCheck"]; "tcp"?: components['schemas']["TcpHealthCheck"]; "grpc"?: components['schemas']["GrpcHealthCheck"]; "interval"?: string; "timeout"?: string; "unhealthyThreshold"?: number; "healthyThreshold"?: number; "port"?: number };
    HttpHealthCheck: { "path": string; "host"?: string; "method"?: "GET" | "HEAD" | "OPTIONS"; "statuses"?: Array<number>; "headers"?: Record<string, string> };
    TcpHealthCheck: { "send"?: string; "receive"?: string };
    /** Calls `grpc.health.v1.Health/Check`. Needs an upstream with HTTP2 or GRPC. */
    GrpcHealthCheck: { "service"?: string; "authority"?: string };
    /** How the gateway chooses the endpoint of a request. */
    LoadBalancer: { "policy"?: "ROUND_ROBIN" | "LEAST_REQUEST" | "RANDOM" | "RING_HASH" | "MAGLEV"; "hash"?: Array<components['schemas']["HashKey"]>; "sessionAffinity"?: components['schemas']["SessionAffinity"]; "localityWeights"?: Record<string, number>; "slowStart"?: { "window": string; "aggression"?: number; "minWeight"?: number }; "panicThreshold"?: number };
    /** A part of the request from which a hash is computed. */
    HashKey: { "header"?: string; "cookie"?: string; "queryParam"?: string; "sourceIp"?: true };
    /** Sends all requests of a client to the same endpoint while the endpoints stay the same. The gateway sets a cookie with a random value (`HttpOnly`) and chooses the endpoint by a hash of it, so any Envoy of any fleet chooses the same endpoint. When an endpoint is added or removed, few clients change their endpoint. */
    SessionAffinity: { "cookie": string; "ttl"?: string; "path"?: string };
    /** Limits of one Envoy for this upstream, and for each of its subsets. A request beyond a limit gets 503. Each limit is at most 16384, which is also the default. It is lower for tenants with many upstreams, which share the connections of an Envoy. */
    CircuitBreaker: { "maxConnections"?: number; "maxPendingRequests"?: number; "maxRequests"?: number; "maxRetries"?: number; "retryBudget"?: { "percentage": number; "minimum"?: number } };
    /** Sends no requests for a while to endpoints that answer with errors. Each Envoy decides from the requests that it sends. */
    OutlierDetection: { "consecutive5xxErrors"?: number; "consecutiveGatewayErrors"?: number; "interval"?: string; "baseEjectionTime"?: string; "maxEjectionTime"?: string; "maxEjectionPercent"?: number };
    UpstreamWritten: { "name": components['schemas']["Name"]; "revision": number; "updatedAt": string; "spec": components['schemas']["Upstream"]; "dryRun": boolean; "warnings": Array<components['schemas']["ProblemViolation"]> };
    CertificateList: { "items": Array<components['schemas']["CertificateResource"]>; "next"?: string };
    CertificateResource: { "name": components['schemas']["Name"]; "revision": number; "updatedAt": string; "spec": components['schemas']["Certificate"]; "info"?: components['schemas']["CertificateInfo"] };
    /** A certificate chain, or how to obtain certificates. Servers name it by `credentialName`. */
    Certificate: { "labels"?: components['schemas']["Labels"]; "certificateChain"?: string; "acme"?: components['schemas']["Acme"] };
    /** Certificates that Gatehouse obtains and renews: one for each host of the servers that name this certificate. A host that gets none does not delay the others. `GET …/certificates/{name}/status` says how far each one is. */
    Acme: { "challenge"?: "HTTP-01" | "TLS-ALPN-01" | "DNS-01" };
    CertificateInfo: { "fingerprintSha256": string; "publicKeySha256": string; "dnsNames": Array<string>; "notBefore": string; "notAfter": string; "keyType": string };
    CertificateWritten: { "name": components['schemas']["Name"]; "revision": number; "updatedAt": string; "spec": components['schemas']["Certificate"]; "info"?: components['schemas']["CertificateInfo"]; "dryRun": boolean; "warnings": Array<components['schemas']["ProblemViolation"]> };
    /** A certificate chain and its private key, or `acme`. */
    CertificateInput: { "labels"?: components['schemas']["Labels"]; "certificateChain"?: string; "acme"?: components['schemas']["Acme"]; "privateKey"?: string };
    TrustBundleList: { "items": Array<components['schemas']["TrustBundleResource"]>; "next"?: string };
    TrustBundleResource: { "name": components['schemas']["Name"]; "revision": number; "updatedAt": string; "spec": components['schemas']["TrustBundle"] };
    /** CA certificates, with their revocation lists, that verify the other side of TLS. */
    TrustBundle: { "labels"?: components['schemas']["Labels"]; "certificates": string; "crl"?: string };
    TrustBundleWritten: { "name": components['schemas']["Name"]; "revision": number; "updatedAt": string; "spec": components['schemas']["TrustBundle"]; "dryRun": boolean; "warnings": Array<components['schemas']["ProblemViolation"]> };
    /** The hosts of a certificate with `acme`. */
    CertificateStatus: { "items": Array<components['schemas']["CertificateName"]>; "next"?: string };
    /** A host for which a certificate is obtained. */
    CertificateName: { "name": string; "state": "issued" | "renewing" | "pending" | "waiting" | "failed"; "reason"?: string; "failures"?: number; "nextAttemptAt"?: string; "notBefore"?: string; "notAfter"?: string; "issuedAt"?: string };
    RegisteredEndpoint: { "id": string; "address": string; "port"?: number; "labels"?: Record<string, string>; "locality"?: string; "priority"?: number; "weight"?: number; "ttl": string; "registeredAt": string; "expiresAt": string };
    /** An endpoint that a process registers, and for how long. */
    EndpointRegistration: { "address": string; "port"?: number; "labels"?: Record<string, string>; "locality"?: string; "priority"?: number; "weight"?: number; "ttl": string };
    RegisteredEndpointList: { "items": Array<components['schemas']["RegisteredEndpoint"]>; "next"?: string };
    EndpointHealth: { "items": Array<components['schemas']["EndpointHealthItem"]> };
    EndpointHealthItem: { "address": string; "port": number; "subset"?: string; "fleet": string; "node": string; "state": "healthy" | "unhealthy" | "ejected" | "unresolved"; "reason"?: string; "since": string };
    /** The health of endpoints that changed on one node. */
    EndpointHealthReport: { "node": string; "isWhole": boolean; "clusters": Array<{ "tenant": components['schemas']["Name"]; "upstream": components['schemas']["Name"]; "subset"?: components['schemas']["Name"]; "endpoints": Array<{ "address": string; "port": number; "state": "healthy" | "unhealthy" | "ejected" | "unresolved"; "reason"?: string; "since": number }> }> };
    RevisionOutcome: { "revision": number; "changed": boolean; "dryRun": boolean; "errors": Array<components['schemas']["ProblemViolation"]>; "moreErrors"?: number; "warnings": Array<components['schemas']["ProblemViolation"]>; "moreWarnings"?: number; "diff": Array<components['schemas']["Difference"]> };
    Difference: { "resource": string; "path": string; "operation": "add" | "remove" | "replace"; "before"?: unknown; "after"?: unknown };
    /** Several changes that are written as one revision. */
    RevisionCreate: { "message"?: string; "dryRun"?: boolean; "puts"?: Array<components['schemas']["RevisionPut"]>; "deletes"?: Array<components['schemas']["RevisionDelete"]>; "restore"?: number };
    RevisionPut: { "kind": "gateway" | "route" | "upstream" | "certificate" | "trustBundle"; "name": components['schemas']["Name"]; "spec": Record<string, unknown> };
    RevisionDelete: { "kind": "gateway" | "route" | "upstream" | "certificate" | "trustBundle"; "name": components['schemas']["Name"] };
    RevisionList: { "items": Array<components['schemas']["Revision"]>; "next"?: string };
    Revision: { "number": number; "parent": number; "author": string; "authorName"?: string; "message": string; "createdAt": string; "contentHash": string; "changes": Array<components['schemas']["RevisionChange"]>; "restores"?: number };
    RevisionChange: { "verb": "put" | "delete"; "kind": "gateway" | "route" | "upstream" | "certificate" | "trustBundle"; "name": string };
    /** Every resource of a tenant, by kind and name. */
    ConfigurationInput: { "gateways"?: Record<string, components['schemas']["GatewayInput"]>; "routes"?: Record<string, components['schemas']["Route"]>; "upstreams"?: Record<string, components['schemas']["Upstream"]>; "certificates"?: Record<string, components['schemas']["CertificateInput"]>; "trustBundles"?: Record<string, components['schemas']["TrustBundle"]> };
    /** Every resource of a tenant, by kind and name. Certificates do not contain their private keys. */
    Configuration: { "gateways"?: Record<string, components['schemas']["Gateway"]>; "routes"?: Record<string, components['schemas']["Route"]>; "upstreams"?: Record<string, components['schemas']["Upstream"]>; "certificates"?: Record<string, components['schemas']["Certificate"]>; "trustBundles"?: Record<string, components['schemas']["TrustBundle"]> };
    RevisionStatus: { "revision": number; "state": "pending" | "acked" | "live" | "rejected" | "superseded" | "unserved"; "suspension"?: string; "stillRejected": Array<components['schemas']["StandingRejection"]>; "fleets": Array<components['schemas']["FleetRevisionStatus"]>; "gateways": Array<components['schemas']["GatewayStatus"]>; "routes": Array<components['schemas']["RouteStatus"]>; "attached"?: Array<components['schemas']["AttachedHostStatus"]>; "upstreams": Array<components['schemas']["UpstreamStatus"]> };
    StandingRejection: { "revision": number; "fleet": string; "node": string; "resource": string; "path": string; "message": string; "at": string };
    FleetRevisionStatus: { "fleet": string; "state": "pending" | "acked" | "live" | "rejected" | "superseded"; "reason"?: string; "nodes": Array<components['schemas']["NodeRevisionStatus"]>; "moreNodes"?: number };
    NodeRevisionStatus: { "node": string; "agent": string; "version": string; "connected": boolean; "drained"?: true; "contested"?: true; "lastSeenAt": string; "state": "pending" | "acked" | "live" | "rejected" | "superseded"; "rejections": Array<components['schemas']["NodeRejection"]> };
    NodeRejection: { "resource": string; "path": string; "message": string; "at": string };
    GatewayStatus: { "name": string; "fleets": Array<string>; "reason"?: string; "unserved"?: Array<components['schemas']["UnservedPlace"]> };
    UnservedPlace: { "path": string; "reason": string };
    RouteStatus: { "name": string; "mesh"?: { "fleets": Array<string>; "reason"?: string }; "hosts": Array<components['schemas']["HostStatus"]>; "delegates"?: Array<components['schemas']["DelegationStatus"]>; "parents"?: Array<components['schemas']["DelegationStatus"]> };
    HostStatus: { "host": string; "bound": Array<components['schemas']["BoundHost"]>; "moreBound"?: number; "reason"?: string; "unbound"?: Array<components['schemas']["UnboundGateway"]> };
    BoundHost: { "gateway": string; "port": number; "portName": string; "protocol": "HTTP" | "HTTPS" | "GRPC" | "GRPC-WEB" | "HTTP2" | "TCP" | "TLS" | "UDP" | "MONGO" | "MYSQL" | "REDIS" | "POSTGRES"; "host": string; "reason"?: string };
    UnboundGateway: { "gateway": string; "reason": string };
    DelegationStatus: { "path": string; "route": string; "conditions": number; "reasons"?: Array<string> };
    AttachedHostStatus: { "tenant": string; "host": string; "gateways": Array<string>; "reason"?: string };
    UpstreamStatus: { "name": string; "unserved": Array<components['schemas']["DeniedEndpoint"]>; "moreUnserved"?: number };
    DeniedEndpoint: { "path": string; "fleet": string; "reason": string };
    /** The progress of every node of one agent. */
    StatusReport: { "agent": string; "nodes": Array<components['schemas']["NodeReport"]> };
    NodeReport: { "node": string; "version": string; "connected": boolean; "acked": number; "live": number; "ahead"?: components['schemas']["Ahead"]; "rejections": Array<components['schemas']["Rejection"]>; "listenerRejections"?: Array<components['schemas']["ListenerRejection"]>; "drain"?: components['schemas']["DrainReport"] };
    /** The node serves every change up to the sequence number `live`, except changes of some tenants. */
    Ahead: { "live": number; "behind": Array<{ "tenant": components['schemas']["Name"]; "live": number }> };
    Rejection: { "tenant": components['schemas']["Name"]; "revision": number; "from"?: number; "over"?: true; "superseded"?: true; "resource": string; "path": string; "message": string };
    /** A listener that the node does not serve, in most cases because Envoy cannot bind its port. The agent retries until Envoy accepts the listener. */
    ListenerRejection: { "listener": string; "port"?: number; "message": string };
    DrainReport: { "connections"?: number; "message"?: string };
    Explanation: { "revision"?: number; "fleet"?: string; "outcome": "matched" | "redirect" | "rejected" | "misdirected" | "not-found" | "forwarded" | "other-tenant" | "refused"; "status"?: number; "why": string; "scheme": "http" | "https"; "port": number; "host"?: string; "gateway"?: components['schemas']["ExplainedGateway"]; "rule"?: components['schemas']["ExplainedRule"]; "received"?: { "method": string; "authority": string; "path": string; "headers": Record<string, Array<string>> }; "dropped"?: Array<components['schemas']["DroppedHeader"]>; "forwarded"?: { "destinations": Array<components['schemas']["ExplainedDestination"]>; "answers"?: Array<components['schemas']["ExplainedAnswerShare"]>; "retries"?: { "attempts": number; "on": Array<(string | number)> }; "fault"?: { "delay"?: components['schemas']["FaultDelay"]; "abort"?: components['schemas']["FaultAbort"] }; "mirrors"?: Array<components['schemas']["ExplainedMirror"]>; "request": components['schemas']["ExplainedRequest"]; "timeout"?: string }; "connection"?: { "transport": "tcp" | "udp"; "tls"?: "passthrough" | "terminated"; "destinations": Array<components['schemas']["ExplainedConnectionDestination"]> }; "answer"?: { "status": number; "grpcStatus"?: number; "body"?: string; "location"?: string; "headers"?: Record<string, string> }; "responseHeaders"?: components['schemas']["HeaderChanges"]; "corsHeaders"?: Record<string, string>; "tried": Array<components['schemas']["TriedCondition"]>; "moreTried": number };
    ExplainedGateway: { "resource": string; "server": number; "path": string; "host": string };
    ExplainedRule: { "resource": string; "path": string; "rule": number; "match"?: number; "name"?: string; "delegatedBy"?: Array<components['schemas']["DelegatingCondition"]> };
    DelegatingCondition: { "resource": string; "path": string };
    DroppedHeader: { "name": string; "why": string };
    ExplainedDestination: { "upstream": string; "subset"?: string; "cluster": string; "weight": number; "percent": number; "endpoints": number; "registeredEndpoints"?: number; "request"?: { "method": string; "authority": string; "path": string; "headers": Record<string, Array<string>> }; "responseHeaders"?: { "set"?: Record<string, string>; "add"?: Record<string, string>; "remove"?: Array<string> } };
    ExplainedAnswerShare: { "weight": number; "percent": number; "answer": components['schemas']["ExplainedAnswer"]; "responseHeaders"?: { "set"?: Record<string, string>; "add"?: Record<string, string>; "remove"?: Array<string> } };
    ExplainedAnswer: { "status": number; "grpcStatus"?: number; "body"?: string; "location"?: string; "headers"?: Record<string, string> };
    ExplainedMirror: { "upstream": string; "subset"?: string; "cluster": string; "percent": number; "endpoints": number; "registeredEndpoints"?: number };
    ExplainedRequest: { "method": string; "authority": string; "path": string; "headers": Record<string, Array<string>> };
    ExplainedConnectionDestination: { "upstream": string; "subset"?: string; "cluster": string; "weight": number; "percent": number; "endpoints": number; "registeredEndpoints"?: number };
    TriedCondition: { "resource": string; "path": string; "field": string; "why": string; "expected": string; "delegatedBy"?: Array<components['schemas']["DelegatingCondition"]> };
    ExplainInput: { "authority": string; "path"?: string; "method"?: string; "clientCertificate"?: boolean; "httpVersion"?: "1.0" | "1.1"; "headers"?: Record<string, (string | Array<string>)>; "scheme"?: "http" | "https"; "port"?: number; "transport"?: "tcp" | "udp"; "serverName"?: string; "clientAddress"?: string; "gateway"?: "mesh"; "fleet"?: string; "revision"?: number; "configuration"?: { "gateways"?: Record<string, components['schemas']["GatewayInput"]>; "routes"?: Record<string, components['schemas']["Route"]>; "upstreams"?: Record<string, components['schemas']["Upstream"]>; "certificates"?: Record<string, components['schemas']["CertificateInput"]>; "trustBundles"?: Record<string, components['schemas']["TrustBundle"]> } };
    RevisionDiff: { "from": number; "revision": number; "fields": Array<components['schemas']["Difference"]>; "moreFields": number; "requests": Array<components['schemas']["AnswerChange"]>; "compared": number; "complete": boolean };
    AnswerChange: { "fleet": string; "host": string; "witness": components['schemas']["WitnessRequest"]; "before": components['schemas']["Explanation"]; "after": components['schemas']["Explanation"] };
    /** A request that shows a change. It is a valid body for POST …/explain, for either revision. */
    WitnessRequest: { "scheme": "http" | "https"; "port": number; "authority": string; "method": string; "path": string; "headers": Record<string, string>; "clientAddress"?: string };
    QuickstartOutcome: { "revision": number; "changed": boolean; "dryRun": boolean; "errors": Array<components['schemas']["ProblemViolation"]>; "moreErrors"?: number; "warnings": Array<components['schemas']["ProblemViolation"]>; "moreWarnings"?: number; "diff": Array<components['schemas']["Difference"]>; "url": string; "host": string; "upstream": components['schemas']["Name"]; "route": components['schemas']["Name"] };
    Quickstart: { "url": string; "name"?: string; "host"?: string };
    ChangedFleet: { "name": components['schemas']["Name"]; "labels": components['schemas']["Labels"]; "ports": Array<components['schemas']["FleetPort"]>; "portRanges"?: Array<components['schemas']["FleetPortRange"]>; "address"?: string; "tenant"?: components['schemas']["Name"]; "managedBy"?: "tenant"; "denyDestinations": Array<string>; "createdAt": string; "seq": number; "stopped"?: Array<components['schemas']["StoppedServing"]>; "stoppedCount"?: number };
    FleetPort: { "number": number; "bind": number; "protocol": "HTTP" | "HTTPS" | "TLS" | "TCP" | "UDP" | "MONGO" | "MYSQL" | "POSTGRES" | "REDIS"; "proxyProtocol"?: components['schemas']["ProxyProtocol"]; "headers"?: components['schemas']["PortHeaders"]; "idleTimeout"?: string };
    /** Each connection begins with a PROXY protocol header (version 1 or 2), as load balancers send it. The address in it is the address of the client: for `source`, for `x-forwarded-for` and for every other rule. A connection without the header is closed. Not for UDP. HTTP/3 is not served on such a port. */
    ProxyProtocol: { "trustedPeers": Array<string> };
    /** Rules for the headers of requests. Only for HTTP and HTTPS. */
    PortHeaders: { "underscores"?: "drop" | "reject" | "allow"; "maxKilobytes"?: number; "maxCount"?: number };
    /** Ports that the fleet assigns. Envoy opens a port of the range while a route of its tenant forwards connections. */
    FleetPortRange: { "from": number; "to": number; "bind"?: number; "protocol": "HTTP" | "HTTPS" | "TLS" | "TCP" | "UDP" | "MONGO" | "MYSQL" | "POSTGRES" | "REDIS" };
    /** A resource of a tenant, or a part of it, that the fleet does not serve after this change. */
    StoppedServing: { "tenant": string; "resource": string; "path": string; "code": string; "message": string; "hint"?: string };
    FleetCreate: { "name": components['schemas']["Name"]; "labels"?: components['schemas']["Labels"]; "ports": Array<components['schemas']["FleetPort"]>; "portRanges"?: Array<components['schemas']["FleetPortRange"]>; "address"?: string; "tenant"?: string; "denyDestinations"?: Array<string> };
    FleetList: { "items": Array<components['schemas']["Fleet"]>; "next"?: string };
    /** Envoys that serve the same gateways: those whose selector matches the labels of the fleet. */
    Fleet: { "name": components['schemas']["Name"]; "labels": components['schemas']["Labels"]; "ports": Array<components['schemas']["FleetPort"]>; "portRanges"?: Array<components['schemas']["FleetPortRange"]>; "address"?: string; "tenant"?: components['schemas']["Name"]; "managedBy"?: "tenant"; "denyDestinations": Array<string>; "createdAt": string; "seq": number };
    /** Each member that is present replaces the stored one completely. */
    FleetPatch: { "labels"?: components['schemas']["Labels"]; "ports"?: Array<components['schemas']["FleetPort"]>; "portRanges"?: Array<components['schemas']["FleetPortRange"]>; "address"?: string; "tenant"?: (string | null); "denyDestinations"?: Array<string> };
    RemovedFleet: { "stopped"?: Array<components['schemas']["StoppedServing"]>; "stoppedCount"?: number };
    TenantFleetCreate: { "name": components['schemas']["Name"]; "labels"?: components['schemas']["Labels"]; "ports": Array<components['schemas']["FleetPort"]>; "portRanges"?: Array<components['schemas']["FleetPortRange"]>; "address"?: string; "denyDestinations"?: Array<string> };
    NodeList: { "items": Array<components['schemas']["Node"]>; "next"?: string };
    /** One Envoy, as its agent last reported it. */
    Node: { "name": string; "agent": string; "version": string; "connected": boolean; "acked": number; "live": number; "lastSeenAt": string; "contestedAt"?: string; "contestedBy"?: Array<string>; "drain"?: { "since": string; "state": "pending" | "draining" | "drained"; "connections"?: number; "message"?: string }; "rejections": Array<components['schemas']["ListenerRejection"]> };
    NodePatch: { "drained": boolean };
    EnrolmentCreated: { "id": string; "description": string; "createdBy"?: string; "createdAt": string; "expiresAt": string; "usedAt"?: string; "revokedAt"?: string; "agent"?: string; "token": string };
    EnrolmentCreate: { "description"?: string; "expiresIn"?: number };
    EnrolmentList: { "items": Array<components['schemas']["Enrolment"]>; "next"?: string };
    /** A one-time token with which an agent enrols, without the token itself. */
    Enrolment: { "id": string; "description": string; "createdBy"?: string; "createdAt": string; "expiresAt": string; "usedAt"?: string; "revokedAt"?: string; "agent"?: string };
    AgentEnrolled: { "id": string; "fleet": components['schemas']["Name"]; "generation": number };
    AgentEnrol: { "token": string; "publicKey": string; "name": string; "version"?: string; "signature": string };
    AgentRenewed: { "credential": string; "generation": number; "expiresAt": string; "lapsesAt": string };
    AgentRenew: { "generation": number; "nonce": string; "issuedAt": string; "version"?: string; "signature": string };
    AgentList: { "items": Array<components['schemas']["Agent"]>; "next"?: string };
    /** An agent that has enrolled. */
    Agent: { "id": string; "name": string; "version": string; "generation": number; "createdAt": string; "renewedAt"?: string; "expiresAt"?: string; "lapsesAt": string; "enrolledBy"?: string; "stoppedAt"?: string; "stopReason"?: "revoked" | "copied" };
    FeedPage: { "events": Array<components['schemas']["FeedEvent"]>; "cursor": number };
    FeedEvent: ({ "type": "fleet" | "snapshot" | "tenant" | "leave" | "snapshot-end" } & Record<string, unknown>);
    MailList: { "items": Array<components['schemas']["Mail"]>; "next"?: string };
    /** An e-mail message in the queue, or one that was sent or has failed. Its content is never returned. */
    Mail: { "id": string; "recipient": string; "template": string; "state": "queued" | "sent" | "failed"; "attempts": number; "dueAt": string; "expiresAt": string; "createdAt": string; "error"?: string };
  };
  responses: {
    Problem400: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem401: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem403: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem404: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem406: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem408: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem409: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem410: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem412: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem413: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem415: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem422: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem429: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem431: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem500: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
    Problem503: { headers: Record<string, unknown>; content: { "application/problem+json": components['schemas']["Problem"] } };
  };
}

