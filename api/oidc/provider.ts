import type { Configuration } from 'openid-client';
import { MailAddress } from '../../model/values/mail-address.ts';
import { WrongSetting } from '../../wire/wrong-setting.ts';
import type { Log } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Settings } from '../settings.ts';

/** The time after which the provider's metadata is read again, in milliseconds. */
const METADATA_MS = 60 * 60_000;
/** The time for which metadata that could not be read is not requested again, in milliseconds. */
const RETRY_MS = 5_000;
/** The longest `sub` (OpenID Connect Core 1.0 §2). */
const LONGEST_SUBJECT = 255;
/** The time for one request to the provider, in seconds. */
const TIMEOUT_S = 10;
/** How far the clock of the provider may be ahead, in milliseconds. */
const AHEAD_MS = 5 * 60_000;

/** One attempt to sign in. The browser keeps it, sealed, in a cookie. */
export interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
  /** The path of the page to which the person returns. It may end with the code that the page needs, after `#`. */
  returnTo: string;
  expiresAt: number;
}

/** What the provider says about a person. */
export interface Identity {
  issuer: string;
  /** The id of the person at the issuer. It never changes and is never reused. */
  subject: string;
  email: string;
  name: string;
}

/** The claims that are used, as the provider wrote them. */
interface Claims {
  sub: string;
  email?: unknown;
  email_verified?: unknown;
  name?: unknown;
}

/**
 * Signs people in with an OpenID Connect provider: authorization code flow with PKCE, state and nonce.
 * https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
 */
export class OidcProvider {
  readonly #issuer: string;
  readonly #clientId: string;
  readonly #clientSecret: string;
  readonly #domains: readonly string[];
  readonly #redirectUri: string;
  readonly #clock: () => number;
  readonly #log: Log;
  #known: Configuration | undefined;
  /** The time from which the metadata is read again. */
  #readAt = 0;

  private constructor(issuer: string, settings: Settings, clock: () => number, log: Log) {
    const { oidcClientId, oidcClientSecret, oidcDomains, publicUrl } = settings;
    if (!oidcClientId || !oidcClientSecret || !oidcDomains?.length)
      throw new WrongSetting(
        'GATEHOUSE_OIDC_CLIENT_ID, GATEHOUSE_OIDC_CLIENT_SECRET and GATEHOUSE_OIDC_DOMAINS must be set together with GATEHOUSE_OIDC_ISSUER',
      );
    this.#issuer = issuer;
    this.#clientId = oidcClientId;
    this.#clientSecret = oidcClientSecret;
    this.#domains = oidcDomains;
    this.#redirectUri = `${publicUrl}/v1/auth/oidc/callback`;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * @returns undefined when no provider is configured
   * @throws WrongSetting when the configuration is incomplete
   */
  static from(settings: Settings, clock: () => number, log: Log): OidcProvider | undefined {
    return settings.oidcIssuer === undefined ? undefined : new OidcProvider(settings.oidcIssuer, settings, clock, log);
  }

  /**
   * Begins an attempt to sign in.
   *
   * @returns the attempt, and the URL of the provider's page
   * @throws Problem `unavailable` when the provider does not answer
   */
  async begin(returnTo: string, expiresAt: number): Promise<{ attempt: Attempt; url: string }> {
    const client = await import('openid-client');
    const configuration = await this.#configuration();
    const attempt = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      returnTo,
      expiresAt,
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirectUri,
      scope: 'openid email profile',
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
    });
    return { attempt, url: url.href };
  }

  /**
   * Completes an attempt with the answer of the provider. It checks the state, exchanges the code, and checks the
   * signature, issuer, audience, nonce and times of the ID token.
   *
   * @param search the query of the callback
   * @throws Problem `sign-in-failed` when the provider did not sign the person in, or its answer is not valid
   * @throws Problem `forbidden` when the provider may not speak for the address, or does not say that it is verified
   * @throws Problem `unavailable` when the provider does not answer
   */
  async complete({ state, nonce, verifier }: Attempt, search: string): Promise<Identity> {
    const client = await import('openid-client');
    const configuration = await this.#configuration();
    let claims: Claims;
    try {
      const tokens = await client.authorizationCodeGrant(configuration, new URL(this.#redirectUri + search), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const token = tokens.claims()!;
      if (token.iat * 1000 > this.#clock() + AHEAD_MS)
        throw Object.assign(new Error('the ID token was issued in the future'), { code: 'ISSUED_IN_FUTURE' });
      claims = token;
      // Many providers send the address only here. The subject must be the same (§5.3.2).
      if (claims.email === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined)
        claims = await client.fetchUserInfo(configuration, tokens.access_token, claims.sub);
    } catch (error) {
      // The message of the error may quote the answer, so only its code is logged.
      this.#log.warn({ code: (error as { code?: unknown }).code }, 'a sign-in with the provider failed');
      throw new Problem('sign-in-failed', { detail: 'the sign-in provider did not confirm who you are; try again' });
    }
    return this.#identityOf(claims);
  }

  #identityOf({ sub, email, email_verified, name }: Claims): Identity {
    const address = MailAddress.safeParse(email);
    const domain = address.data?.slice(address.data.lastIndexOf('@') + 1);
    const isNamed = sub.length > 0 && sub.length <= LONGEST_SUBJECT;
    if (!isNamed || email_verified !== true || domain === undefined || !this.#domains.includes(domain))
      throw new Problem('forbidden', {
        detail:
          'the sign-in provider gave no verified e-mail address, or one of a domain that may not sign in with it; sign in with another account, or ask the operators which domains may',
      });
    const shown =
      typeof name === 'string'
        ? name
            .replace(/\p{Cc}/gu, '')
            .trim()
            .slice(0, 100)
            .toWellFormed()
        : '';
    return { issuer: this.#issuer, subject: sub, email: address.data!, name: shown };
  }

  /** Reads the provider's metadata. It keeps no promise, because on Workers a request must not wait for another one. */
  async #configuration(): Promise<Configuration> {
    const now = this.#clock();
    if (now < this.#readAt) return this.#readable();
    const client = await import('openid-client');
    try {
      this.#known = await client.discovery(
        new URL(this.#issuer),
        this.#clientId,
        undefined,
        client.ClientSecretBasic(this.#clientSecret),
        {
          timeout: TIMEOUT_S,
          execute: [
            // Without it, openid-client reads the claims of an ID token without checking its signature.
            client.enableNonRepudiationChecks,
            // The setting allows http:// only for a provider on this machine.
            ...(this.#issuer.startsWith('http:') ? [client.allowInsecureRequests] : []),
          ],
        },
      );
      this.#readAt = now + METADATA_MS;
    } catch (error) {
      this.#log.warn(
        { code: (error as { code?: unknown }).code },
        'the metadata of the sign-in provider cannot be read',
      );
      this.#readAt = this.#clock() + RETRY_MS;
    }
    return this.#readable();
  }

  /** Returns the metadata that was read last. */
  #readable(): Configuration {
    if (this.#known) return this.#known;
    throw new Problem('unavailable', {
      detail: 'the sign-in provider does not answer; try again in a few seconds',
      headers: { 'retry-after': String(RETRY_MS / 1000) },
    });
  }
}
