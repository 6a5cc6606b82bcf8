import type { Store } from '../../store/store.ts';

/** The time for which a lost race against another process counts, in milliseconds. */
const REMEMBERED_MS = 1_000;
/** The number of races lost within that time after which the process waits for a turn in the database. */
const PATIENCE = 2;
/** The time after which this process gives up its turn, because other processes may wait for it, in milliseconds. */
const TURN_MS = 200;
/**
 * The maximum random pause before a new attempt, for a database without turns, in milliseconds. It starts at `first`
 * and doubles with each lost race, up to `most`.
 */
const PAUSE_MS = { first: 5, most: 200 };

/** The races that this process lost for one tenant, and its turn in the database, if it has one. */
interface Rival {
  losses: number;
  lastAt: number;
  turn?: { since: number; release: () => void };
}

/**
 * Makes processes that write to the same tenant share it fairly.
 *
 * The winner of a race builds the next head on its own head at once. It therefore also wins the next race, as long as
 * it has writers. So a process that has lost twice waits for the tenant's turn in the database. The database serves
 * waiting processes in order, and all writers of the process write during its turn. If the database has no turns, the
 * process pauses for a short random time instead.
 */
export class Contention {
  readonly #store: Store;
  readonly #rivals = new Map<string, Rival>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Records that another process published first. */
  lost(tenant: string): void {
    const rival = this.#rivals.get(tenant) ?? { losses: 0, lastAt: 0 };
    this.#rivals.set(tenant, rival);
    rival.losses++;
    rival.lastAt = Date.now();
  }

  /** Records that the head in memory equals the head of the store, so no other process publishes at the moment. */
  calm(tenant: string): void {
    const rival = this.#rivals.get(tenant);
    if (rival) rival.losses = 0;
  }

  /** Whether this process has the turn of the tenant in the database. */
  hasTurn(tenant: string): boolean {
    return this.#rivals.get(tenant)?.turn !== undefined;
  }

  /** Whether the caller must wait for its batches and call `enter` before it builds the next head. */
  isDue(tenant: string): boolean {
    const rival = this.#rivals.get(tenant);
    if (rival === undefined) return false;
    if (rival.turn) return Date.now() - rival.turn.since > TURN_MS;
    return this.#store.commits.turn !== undefined && isLosing(rival);
  }

  /**
   * Waits for the turn, or pauses, if this process keeps losing. The caller calls it before it reads the head from the
   * store.
   */
  async enter(tenant: string): Promise<void> {
    const rival = this.#rivals.get(tenant);
    if (rival === undefined) return;
    rival.turn?.release();
    delete rival.turn;
    if (this.#store.commits.turn !== undefined) {
      if (!isLosing(rival)) return;
      // If the wait fails, the process writes without a turn. The guards of its batches then decide the race.
      const release = await this.#store.commits.turn(tenant).catch(() => undefined);
      if (release) rival.turn = { since: Date.now(), release };
    } else if (Date.now() - rival.lastAt < REMEMBERED_MS && rival.losses > 0) {
      const most = Math.min(PAUSE_MS.most, PAUSE_MS.first * 2 ** rival.losses);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * most));
    }
  }

  /** Gives up the turn, because this process has no more writers for the tenant. */
  rest(tenant: string): void {
    const rival = this.#rivals.get(tenant);
    rival?.turn?.release();
    if (rival === undefined) return;
    delete rival.turn;
    if (!isLosing(rival)) this.#rivals.delete(tenant);
  }
}

/** Whether this process keeps losing races. */
const isLosing = ({ losses, lastAt }: Rival): boolean => losses >= PATIENCE && Date.now() - lastAt < REMEMBERED_MS;
