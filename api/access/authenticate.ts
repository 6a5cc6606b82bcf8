import { Problem } from '../problem.ts';
import type { Agent } from '../store/agents.ts';
import type { Store } from '../store/store.ts';
import type { Token } from '../store/tokens.ts';
import { RecentReads } from './recent-reads.ts';

export type Sha256 = (text: string) => string | Promise<string>;

/**
 * Computes the SHA-256 of a text with WebCrypto, as lower-case hex. `main.node.ts` uses a synchronous function instead,
 * which is faster for short inputs.
 */
export async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Creates a token of 256 random bits. Its prefix lets secret scanners and people recognize the kind of token. */
export function newToken(
  kind: 'operator' | 'support' | 'tenant' | 'agent' | 'enrolment' | 'credential' | 'invitation',
): string {
  const bits = crypto.getRandomValues(new Uint8Array(32));
  return `gh_${kind}_${btoa(String.fromCharCode(...bits))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')}`;
}

/** The prefix of the credentials of enrolled agents. */
const CREDENTIAL = 'gh_credential_';

/** The prefix of the topic that announces revoked tokens of one fleet. */
const OF_FLEET = 'tokens/';

/** The time between two writes of the last use of a token. */
const USED_EVERY_MS = 5 * 60_000;

/** The owner and the id of a token, and the person who limits it. They suffice to find the tokens of a revocation. */
export type TokenHolder = Pick<Token, 'id' | 'tenant' | 'fleet' | 'person'>;

/** A long response that may continue only while a token is valid. */
export interface TokenWatcher {
  readonly holder: TokenHolder;
  /** Called when the token was revoked. */
  revoked(): void;
  /** Called when the token may have been revoked, so that the owner must read the token again. */
  suspected(): void;
}

/**
 * Finds the token of a bearer credential, with a small cache. The database contains only hashes, so nobody can use its
 * rows as credentials.
 */
export class Tokens {
  readonly #store: Store;
  readonly #sha256: Sha256;
  readonly #cache = new RecentReads<Token>();
  readonly #watchers = new Set<TokenWatcher>();

  constructor(store: Store, digest: Sha256) {
    this.#store = store;
    this.#sha256 = digest;
    store.news.listen((topic) => {
      if (topic !== undefined && topic !== 'tokens' && !topic.startsWith(OF_FLEET)) return;
      const fleet = topic?.startsWith(OF_FLEET) ? topic.slice(OF_FLEET.length) : undefined;
      this.#drop((token) => fleet === undefined || token.fleet === fleet);
      for (const watcher of [...this.#watchers])
        if (fleet === undefined || watcher.holder.fleet === fleet) watcher.suspected();
    });
  }

  /**
   * Finds the valid token in an `Authorization` header.
   *
   * @param now the current time in milliseconds since 1970
   * @returns undefined, the same for unknown, expired and revoked tokens
   * @throws Problem `unauthorized` when the header contains no bearer credential
   */
  async find(authorization: string | null | undefined, now: number): Promise<Token | undefined> {
    const bearer = bearerOf(authorization);
    const hash = await this.#sha256(bearer);
    const token = await this.#cache.get(hash, now, async () =>
      bearer.startsWith(CREDENTIAL)
        ? tokenOf(await this.#store.agents.findByCredential(hash))
        : this.#store.tokens.findByHash(hash),
    );
    if (!token) return undefined;
    const isOver = token.revokedAt !== undefined || (token.expiresAt !== undefined && token.expiresAt <= now);
    return isOver ? undefined : token;
  }

  /**
   * Does the same as `find`.
   *
   * @throws Problem `unauthorized` when there is no valid token
   */
  async authenticate(authorization: string | null | undefined, now: number): Promise<Token> {
    const token = await this.find(authorization, now);
    if (!token) throw unauthorized('the token is unknown, expired or revoked');
    return token;
  }

  /**
   * Notes that a token was used. Only the first use in some minutes is written.
   *
   * @returns the write, for which no response needs to wait; undefined when there is nothing to write
   */
  used(token: Token, now: number): Promise<void> | undefined {
    if (token.prefix === CREDENTIAL || now - (token.lastUsedAt ?? 0) < USED_EVERY_MS) return undefined;
    // The object is the one in the cache.
    token.lastUsedAt = now;
    return this.#store.tokens.used(token.id, now).catch(() => {});
  }

  /** Does the same as `authenticate` without the cache, for long responses. */
  async authenticateAgain(authorization: string | null | undefined, now: number): Promise<Token> {
    this.#cache.drop(await this.#sha256(bearerOf(authorization)));
    return this.authenticate(authorization, now);
  }

  /**
   * Registers a long response, which is notified when its token is revoked or may have been revoked.
   *
   * @returns a function that ends the watch
   */
  watch(watcher: TokenWatcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /**
   * Drops tokens from the cache and notifies their watchers. The caller calls it after a revocation, or after it has
   * removed the tenant or fleet that owns the tokens.
   *
   * @param matches whether a token is concerned
   * @param fleet the fleet that owns the tokens, if a fleet owns them; its agents may be connected to any process
   */
  forget(matches: (token: TokenHolder) => boolean, fleet?: string): void {
    this.#drop(matches);
    for (const watcher of [...this.#watchers]) if (matches(watcher.holder)) watcher.revoked();
    this.#store.news.notify(fleet === undefined ? 'tokens' : `${OF_FLEET}${fleet}`);
  }

  /**
   * Drops the credential of an agent that was replaced from the cache. The agent itself opens its feed again with the
   * next credential. A feed that still uses the former one ends at its next heartbeat.
   */
  replaced(id: string): void {
    this.#drop((token) => token.id === id);
  }

  #drop(matches: (token: Token) => boolean): void {
    this.#cache.dropWhere(matches);
  }
}

function bearerOf(authorization: string | null | undefined): string {
  const bearer = authorization ? /^Bearer +([\w.~+/=-]{1,256})$/i.exec(authorization)?.[1] : undefined;
  if (bearer === undefined) throw unauthorized('send Authorization: Bearer <token>');
  return bearer;
}

/** Returns the token that the current credential of an enrolled agent is. */
function tokenOf(agent: Agent | undefined): Token | undefined {
  if (!agent) return undefined;
  const { id, fleet, name, createdAt, expiresAt, stoppedAt } = agent;
  return {
    ...{ id, fleet, description: name, scopes: ['agent'], prefix: CREDENTIAL, createdAt },
    ...(expiresAt !== undefined && { expiresAt }),
    ...(stoppedAt !== undefined && { revokedAt: stoppedAt }),
  };
}

/** Makes the problem for a request without a valid credential. */
export function unauthorized(detail: string): Problem {
  return new Problem('unauthorized', { detail, headers: { 'www-authenticate': 'Bearer realm="gatehouse"' } });
}
