import { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Head } from './heads/head.ts';
import { Look, LostRace, type Turn } from './heads/heads.ts';

/** One try of a request that changes a tenant's configuration, or that asks what the change would do. */
export class Attempt extends Context {
  readonly #basis: Look | Turn;

  /** @param basis a look for a dry run, the tenant's turn for a write */
  constructor({ services, principal, requestId, remote, preconditions, keep }: Context, basis: Look | Turn) {
    super(services, principal, requestId, remote, preconditions, keep);
    this.#basis = basis;
  }

  get isDryRun(): boolean {
    return this.#basis instanceof Look;
  }

  /** The turn of a write. */
  get turn(): Turn {
    if (this.#basis instanceof Look) throw new Error('A dry run has no turn: it writes nothing.');
    return this.#basis;
  }

  /**
   * The tenant's configuration, to propose a change of. Its batch may still be under way.
   *
   * @throws Problem `not-found` when there is no such tenant
   */
  load(): Promise<Head> {
    return this.#basis.load();
  }

  /**
   * For a request that has nothing to write: passes its turn on, and waits until the loaded head is written.
   *
   * @throws LostRace when that head was never written
   */
  async confirm(): Promise<void> {
    this.#basis.leave();
    if (!(await this.services.heads.confirm(this.#basis))) throw new LostRace();
  }
}

/** How long a request is retried after races that it lost, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Runs a verb that changes a tenant's configuration until its result was computed against a head that the store has. A
 * lost race runs it again, preconditions and all, and so does a rejection that was judged on a head that was never
 * written. No other place knows of races.
 *
 * @param ctx the request
 * @param write the tenant, and whether to write nothing
 * @throws Problem `unavailable` when other writers came first for ten seconds, and whatever the verb throws
 */
export async function settled<T>(
  ctx: Context,
  { tenant, dryRun = false }: { tenant: string; dryRun?: boolean | undefined },
  verb: (ctx: Attempt) => Promise<T>,
): Promise<T> {
  const { heads } = ctx.services;
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const basis = dryRun ? new Look(heads, tenant) : await heads.turn(tenant);
    try {
      return await verb(new Attempt(ctx, basis));
    } catch (thrown) {
      // A rejected request passes the turn on before it checks the store.
      basis.leave();
      if (
        !(thrown instanceof LostRace) &&
        !(thrown instanceof Problem && basis.loaded && !(await heads.confirm(basis)))
      )
        throw thrown;
    } finally {
      basis.leave();
    }
    if (Date.now() > deadline)
      throw new Problem('unavailable', {
        detail: 'other writers of this tenant were first at every attempt; retry',
        headers: { 'retry-after': '1' },
      });
  }
}
