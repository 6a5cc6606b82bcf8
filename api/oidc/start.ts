import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import { ATTEMPT_MS, attemptCookie } from './cookie.ts';
import type { OidcProvider } from './provider.ts';

/** @throws Problem `not-found` when no provider is configured */
export function providerOf({ services: { oidc } }: Context): OidcProvider {
  if (!oidc) throw absent('sign-in provider');
  return oidc;
}

/**
 * Begins to sign a person in.
 *
 * @returns the URL of the provider's page, and the cookie with the attempt
 * @throws Problem `not-found` when no provider is configured, `unavailable` when it does not answer
 */
export async function start(ctx: Context, returnTo: string): Promise<{ url: string; cookie: string }> {
  const { attempt, url } = await providerOf(ctx).begin(returnTo, ctx.now + ATTEMPT_MS);
  return { url, cookie: await attemptCookie(ctx.services.sealer, attempt) };
}
