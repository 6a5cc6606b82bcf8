import { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Head } from './heads/head.ts';
import { type Heads, Look, type Turn } from './heads/heads.ts';
import { LostRace } from './heads/lost-race.ts';

/**
 * One attempt to change a tenant's configuration, or to compute the effect of a change in a dry run. See `attempt` in
 * the glossary.
 */
export class Attempt extends Context {
  readonly #basis: Look | Turn;

  /** The number of earlier attempts of the request. */
  readonly tries: number;

  /** @param basis gives access to the head: a `Look` for a dry run, the `Turn` of the tenant for a write */
  constructor(ctx: Context, basis: Look | Turn, tries: number) {
    const { services, principal, requestId, remote, preconditions, keep } = ctx;
    super(services, principal, requestId, remote, preconditions, keep, () => ctx.signal);
    this.#basis = basis;
    this.tries = tries;
  }

  /** Whether the request asks for the effect of a change without the change. */
  get isDryRun(): boolean {
    return this.#basis instanceof Look;
  }

  /**
   * The turn of a write.
   *
   * @throws Error when this is a dry run, which has no turn
   */
  get turn(): Turn {
    if (this.#basis instanceof Look) throw new Error('A dry run has no turn: it writes nothing.');
    return this.#basis;
  }

  /**
   * Loads the head of the tenant, so that the verb can propose a change of it. The batch that writes this head may not
   * have finished yet.
   *
   * @throws Problem `not-found` when the tenant does not exist
   */
  load(): Promise<Head> {
    return this.#basis.load();
  }

  /**
   * Ends an attempt that writes nothing. It passes the turn to the next writer, and then waits until the store has the
   * loaded head.
   *
   * @throws LostRace when the store never had that head
   */
  async confirm(): Promise<void> {
    this.#basis.leave();
    if (!(await this.services.heads.confirm(this.#basis))) throw new LostRace();
  }
}

/** The time during which the API makes new attempts for a request that lost a race, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Runs a verb that changes a tenant's configuration, until the verb has computed its result from a head that the store
 * has. Only this function handles races.
 *
 * The function runs the verb again, including the check of its preconditions, when another writer published first. It
 * also runs the verb again when the verb rejected the request because of a head that the store never had.
 *
 * @param ctx the request
 * @param write the tenant, and whether the request is a dry run
 * @param verb computes the result from an attempt
 * @throws Problem `unavailable` when other writers published first for ten seconds
 * @throws every error of the verb, except `LostRace`
 */
export async function settled<T>(
  ctx: Context,
  { tenant, dryRun = false }: { tenant: string; dryRun?: boolean | undefined },
  verb: (ctx: Attempt) => Promise<T>,
): Promise<T> {
  const { heads } = ctx.services;
  const basisOf = () => (dryRun ? new Look(heads, tenant) : heads.turn(tenant));
  return repeated<Look | Turn, T>(heads, tenant, basisOf, (basis, tries) => verb(new Attempt(ctx, basis, tries)));
}

/**
 * Runs a verb that needs the head of a tenant and does not change it, until the verb has computed its result from a
 * head that the store has. The verb waits for no other writer. See `settled`.
 *
 * @throws Problem `unavailable` when other writers published first for ten seconds
 * @throws every error of the verb, except `LostRace`
 */
export function looking<T>(ctx: Context, tenant: string, verb: (basis: Look) => Promise<T>): Promise<T> {
  const { heads } = ctx.services;
  return repeated(heads, tenant, () => new Look(heads, tenant), verb);
}

async function repeated<B extends Look | Turn, T>(
  heads: Heads,
  tenant: string,
  basisOf: () => B | Promise<B>,
  verb: (basis: B, tries: number) => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  const winners = new Set<string>();
  for (let tries = 0; ; tries++) {
    const basis = await basisOf();
    try {
      return await verb(basis, tries);
    } catch (thrown) {
      // A rejected request lets the next writer run before it checks whether the store has the head.
      basis.leave();
      if (
        !(thrown instanceof LostRace) &&
        !(thrown instanceof Problem && basis.loaded && !(await heads.confirm(basis)))
      )
        throw thrown;
      for (const each of thrown instanceof LostRace ? thrown.winners : [tenant]) winners.add(each);
    } finally {
      basis.leave();
    }
    if (Date.now() > deadline)
      throw new Problem('unavailable', {
        detail: `${writersOf(winners, tenant)} were first at every attempt; retry`,
        headers: { 'retry-after': '1' },
      });
  }
}

function writersOf(winners: ReadonlySet<string>, tenant: string): string {
  const others = [...winners].filter((each) => each !== tenant).sort();
  const all = [
    ...(winners.has(tenant) ? ['other writers of this tenant'] : []),
    ...others.map((each) => `writers of the tenant ${each}, which this configuration names,`),
  ];
  return all.length === 0 ? 'other writers' : all.join(' and ');
}
