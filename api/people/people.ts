import type { Sha256 } from '../access/authenticate.ts';
import type { Credentials } from '../access/identify.ts';
import { RecentReads } from '../access/recent-reads.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Settings } from '../settings.ts';
import type { NewSession, SessionHolder } from '../store/person-sessions.ts';
import type { Store } from '../store/store.ts';
import { cookieIn, strictCookie } from './cookies.ts';
import { type BegunBrowser, browserCookie, newBrowser } from './known-browser.ts';
import { requireOwnPage } from './origin.ts';
import type { Passwords } from './passwords.ts';
import type { Credential, SignInMethod } from './schema.ts';
import { newSecret } from './secrets.ts';

/** The name of the session's cookie. With this prefix, browsers accept it only from this host, over HTTPS. */
const COOKIE = '__Host-gatehouse';
const LONGEST_USER_AGENT = 200;

/** A session that has begun: what to store, and the secret that only its person gets. */
export interface BegunSession extends NewSession {
  secret: string;
  browser?: BegunBrowser;
}

/** How a session begins. */
interface Beginning {
  method: SignInMethod;
  credential: Credential;
  name?: string;
  endsBy?: number;
}

/** Finds the person who sends a request. The database contains only hashes of the secrets of sessions. */
export class People {
  readonly passwords: Passwords;
  readonly #store: Store;
  readonly #settings: Settings;
  readonly #sha256: Sha256;
  readonly #clock: () => number;
  readonly #cache = new RecentReads<SessionHolder>();

  constructor(
    { store, settings, sha256, clock }: { store: Store; settings: Settings; sha256: Sha256; clock: () => number },
    passwords: Passwords,
  ) {
    this.#store = store;
    this.#settings = settings;
    this.#sha256 = sha256;
    this.#clock = clock;
    this.passwords = passwords;
    store.news.listen((topic) => {
      if (topic === undefined || topic === 'people') this.#cache.clear();
    });
  }

  /** Whether a header `Authorization` has the form of a session. Others contain a token. */
  isSession(authorization: string): boolean {
    return fromBearer(authorization) !== undefined;
  }

  /**
   * Finds the person of a request by the session in its cookie, or in the header `Authorization`, which has precedence.
   *
   * @returns undefined when the request has no session, or the session has expired or was ended
   * @throws Problem `forbidden` when a page of another origin could have sent the cookie with a change
   */
  async authenticate(request: Credentials): Promise<SessionHolder | undefined> {
    const authorization = request.headers.get('authorization') || null;
    const secret = authorization === null ? cookieIn(request.headers, COOKIE, SECRET) : fromBearer(authorization);
    if (secret === undefined) return undefined;
    if (authorization === null && !requireOwnPage(request, this.#settings)) return undefined;
    const hash = await this.#sha256(secret);
    const now = this.#clock();
    const holder = await this.#cache.get(hash, now, () => this.#store.personSessions.findByHash(hash, now));
    return holder && holder.session.expiresAt > now ? holder : undefined;
  }

  /**
   * Does the same for an operation that only a person may use.
   *
   * @throws Problem `unauthorized` without a valid session
   */
  async require(request: Credentials): Promise<SessionHolder> {
    const holder = await this.authenticate(request);
    if (holder) return holder;
    throw new Problem('unauthorized', {
      detail: 'sign in first: there is no session, or it has expired or was ended',
      headers: { 'www-authenticate': 'Bearer realm="gatehouse"' },
    });
  }

  /** Drops sessions from the caches of all processes, after they were ended or their person was changed. */
  forget(person: string): void {
    this.#cache.dropWhere((holder) => holder.person.id === person);
    this.#store.news.notify('people');
  }

  /**
   * Makes a session of a person for the client that sends this request. The caller stores it.
   *
   * @param how how the person signs in, and how the client keeps the session; if a command signs in, the name of the
   *   machine, and the time at which the session ends at the latest
   */
  async begin(
    ctx: Context,
    person: string,
    headers: Headers,
    { method, credential, name, endsBy = Number.POSITIVE_INFINITY }: Beginning,
  ): Promise<BegunSession> {
    const { now, remote, services } = ctx;
    const secret = newSecret('session');
    const session = {
      id: crypto.randomUUID(),
      person,
      createdAt: now,
      expiresAt: Math.min(now + services.settings.sessionFor, endsBy),
      remote,
      userAgent: (headers.get('user-agent') ?? '').slice(0, LONGEST_USER_AGENT),
      method,
      ...(name !== undefined && { name }),
    };
    return {
      ...{ secret, session, hash: await services.sha256(secret) },
      ...(credential === 'cookie' && { browser: await newBrowser(ctx, headers) }),
    };
  }
}

/** Returns the cookies that a browser gets with a session. */
export const cookiesOf = ({ services }: Context, { secret, browser }: BegunSession): string[] => [
  strictCookie(COOKIE, secret, services.settings.sessionFor / 1000),
  ...(browser ? [browserCookie(browser)] : []),
];

/** The header that makes a browser forget the secret of a session. */
export const NO_COOKIE = { 'set-cookie': strictCookie(COOKIE, '', 0) };

const SECRET = /^gh_session_[\w-]{43}$/;

function fromBearer(authorization: string): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  return bearer !== undefined && SECRET.test(bearer) ? bearer : undefined;
}
