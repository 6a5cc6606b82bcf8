import { cookieIn } from '../people/cookies.ts';
import type { Sealer } from '../secrets/seal.ts';
import type { Attempt } from './provider.ts';

const COOKIE = '__Host-gatehouse-oidc';
const CONTEXT = 'oidc';
/** How long a person may take to sign in at the provider, in milliseconds. */
export const ATTEMPT_MS = 10 * 60_000;

const cookie = (sealed: string, seconds: number): string =>
  `${COOKIE}=${sealed}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Lax`;

/**
 * Makes the cookie with which the browser keeps an attempt to sign in. The attempt is bound to the browser, so nobody
 * can sign another person in to an account of their own. `Lax`: the provider's redirect must bring the cookie back.
 */
export async function attemptCookie(sealer: Sealer, attempt: Attempt): Promise<string> {
  return cookie(await sealer.sealText(JSON.stringify(attempt), CONTEXT), ATTEMPT_MS / 1000);
}

/** The cookie that makes a browser forget an attempt. */
export const NO_ATTEMPT = cookie('', 0);

/** Reads the attempt of a browser. Returns undefined when it has none, or the attempt took too long. */
export async function attemptOf(sealer: Sealer, headers: Headers, now: number): Promise<Attempt | undefined> {
  const sealed = cookieIn(headers, COOKIE, /^[!-~]+$/);
  if (sealed === undefined) return undefined;
  try {
    const attempt: Attempt = JSON.parse(await sealer.openText(sealed, CONTEXT));
    return attempt.expiresAt > now ? attempt : undefined;
  } catch {
    return undefined;
  }
}
