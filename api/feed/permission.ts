import type { TokenHolder } from '../access/authenticate.ts';
import type { Services } from '../context.ts';
import { Problem } from '../problem.ts';

/**
 * Watches the token of a caller while a long response is being sent.
 *
 * The class reads the token again whenever another process announces a revocation, and whenever the owner calls
 * `check`. Regular calls of `check` find tokens that have expired, and revocations whose announcement was lost.
 */
export class Permission {
  readonly #services: Services;
  readonly #authorization: string | null;
  readonly #gone = new AbortController();
  readonly #unwatch: () => void;

  /**
   * @param holder the caller whom `authorization` identifies
   * @param authorization the `Authorization` header of the request
   */
  constructor(services: Services, holder: TokenHolder, authorization: string | null) {
    this.#services = services;
    this.#authorization = authorization;
    this.#unwatch = services.tokens.watch({
      holder,
      revoked: () => this.#end(new Problem('unauthorized', { detail: 'the token was revoked' })),
      suspected: () => void this.check(),
    });
  }

  /** A signal that is aborted once the token is revoked or has expired. Its reason is a Problem `unauthorized`. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Reads the token again. If the read fails, the permission remains valid. */
  async check(): Promise<void> {
    try {
      await this.#services.tokens.authenticateAgain(this.#authorization, this.#services.clock());
    } catch (error) {
      if (error instanceof Problem && error.code === 'unauthorized') this.#end(error);
    }
  }

  /** Stops watching the token. The owner calls it when the response has ended. */
  release(): void {
    this.#unwatch();
  }

  #end(reason: Problem): void {
    this.release();
    this.#gone.abort(reason);
  }
}
