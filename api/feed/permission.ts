import type { TokenHolder } from '../access/authenticate.ts';
import type { Services } from '../context.ts';
import { Problem } from '../problem.ts';

/**
 * Watches the token of a response that lasts long. The token is read again when another process announces a revocation,
 * and whenever the owner calls `check`. The latter finds expired tokens, and revocations whose announcement was lost.
 */
export class Permission {
  readonly #services: Services;
  readonly #authorization: string | null;
  readonly #gone = new AbortController();
  readonly #unwatch: () => void;

  /** @param holder the caller whom `authorization` identifies */
  constructor(services: Services, holder: TokenHolder, authorization: string | null) {
    this.#services = services;
    this.#authorization = authorization;
    this.#unwatch = services.tokens.watch({
      holder,
      revoked: () => this.#end(new Problem('unauthorized', { detail: 'the token was revoked' })),
      suspected: () => void this.check(),
    });
  }

  /** Aborted once the token is revoked or has expired, with the Problem as its reason. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Reads the token again. A failed read does not revoke the permission. */
  async check(): Promise<void> {
    try {
      await this.#services.tokens.authenticateAgain(this.#authorization, this.#services.clock());
    } catch (error) {
      if (error instanceof Problem && error.code === 'unauthorized') this.#end(error);
    }
  }

  /** Stops watching, because the response has ended. */
  release(): void {
    this.#unwatch();
  }

  #end(reason: Problem): void {
    this.release();
    this.#gone.abort(reason);
  }
}
