import { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { LostRace, type Turn } from './heads.ts';

/** One try of a request that changes a tenant's configuration. */
export class Attempt extends Context {
  readonly turn: Turn;

  constructor({ services, actor, requestId, remote, preconditions, keep }: Context, turn: Turn) {
    super(services, actor, requestId, remote, preconditions, keep);
    this.turn = turn;
  }
}

const PATIENCE_MS = 10_000;

/**
 * Runs a verb that changes a tenant's configuration until its outcome is one about a state that the store has: a lost
 * race runs it again, preconditions and all, and so does a refusal that was judged on a head that was never written.
 * The one place that knows of races.
 *
 * @throws Problem `unavailable` when other writers came first for ten seconds
 */
export async function settled<T>(ctx: Context, tenant: string, verb: (ctx: Attempt) => Promise<T>): Promise<T> {
  const { heads } = ctx.services;
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const turn = await heads.turn(tenant);
    try {
      return await verb(new Attempt(ctx, turn));
    } catch (thrown) {
      // A refused request passes the turn on before it checks the store.
      turn.leave();
      if (!(thrown instanceof LostRace) && !(thrown instanceof Problem && turn.loaded && !(await heads.confirm(turn))))
        throw thrown;
    } finally {
      turn.leave();
    }
    if (Date.now() > deadline)
      throw new Problem('unavailable', {
        detail: 'other writers of this tenant were first at every attempt; try again',
        headers: { 'retry-after': '1' },
      });
  }
}
