import type { Context } from '../context.ts';
import type { NewBrowser } from '../store/known-browsers.ts';
import { cookieIn, strictCookie } from './cookies.ts';
import { newSecret } from './secrets.ts';

/** With this prefix, browsers accept the cookie only from this host, over HTTPS. */
const COOKIE = '__Host-gatehouse-browser';
const SECRET = /^gh_browser_[\w-]{43}$/;
/** How long a browser stays known after a sign-in, in milliseconds. */
const KNOWN_FOR_MS = 180 * 24 * 60 * 60 * 1000;

/** A browser in which a person signs in, and the secret that only this browser gets. */
export interface BegunBrowser extends NewBrowser {
  secret: string;
}

/** Makes a browser known in which a person signs in. The caller stores it. */
export async function newBrowser({ now, services }: Context, headers: Headers): Promise<BegunBrowser> {
  const secret = newSecret('browser');
  const former = cookieIn(headers, COOKIE, SECRET);
  return {
    secret,
    hash: await services.sha256(secret),
    ...(former !== undefined && { former: await services.sha256(former) }),
    expiresAt: now + KNOWN_FOR_MS,
  };
}

/** Makes the cookie that a known browser keeps, also after its person has signed out. */
export const browserCookie = ({ secret }: BegunBrowser): string => strictCookie(COOKIE, secret, KNOWN_FOR_MS / 1000);

/**
 * Finds the browser that sends a request, if the person with an address has signed in in it before. An unknown address,
 * the cookie of another person and an invented one have the same result after the same work.
 *
 * @returns the hash of its secret
 */
export async function knownBrowser(ctx: Context, email: string, headers: Headers): Promise<string | undefined> {
  const secret = cookieIn(headers, COOKIE, SECRET);
  if (secret === undefined) return undefined;
  const hash = await ctx.services.sha256(secret);
  return (await ctx.store.knownBrowsers.isOf(hash, email, ctx.now)) ? hash : undefined;
}
