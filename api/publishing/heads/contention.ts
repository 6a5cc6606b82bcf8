import type { Store } from '../../store/store.ts';

/** How long a race lost to another process counts, in milliseconds. */
const REMEMBERED_MS = 1_000;
/** After this many losses in that time, the process takes a turn in the database. */
const PATIENCE = 2;
/** How long this process keeps the turn while others may wait, in milliseconds. */
const TURN_MS = 200;
/** Where the database has no turns: the random pause before a retry is at most this long, doubled at each loss. */
const PAUSE_MS = { first: 5, most: 200 };

interface Rival {
  losses: number;
  lastAt: number;
  turn?: { since: number; release: () => void };
}

/**
 * Fairness between processes that write to the same tenant. The winner of a race builds on its own head at once, so it
 * wins again as long as it has writers. A process that lost twice therefore takes the tenant's turn in the database,
 * where waiters are served in order, and all its writers write during that turn. Where the database has no turns, it
 * pauses for a short random time.
 */
export class Contention {
  readonly #store: Store;
  readonly #rivals = new Map<string, Rival>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Another process published first. */
  lost(tenant: string): void {
    const rival = this.#rivals.get(tenant) ?? { losses: 0, lastAt: 0 };
    this.#rivals.set(tenant, rival);
    rival.losses++;
    rival.lastAt = Date.now();
  }

  /** The known head is the store's: no other process writes at the moment. */
  calm(tenant: string): void {
    const rival = this.#rivals.get(tenant);
    if (rival) rival.losses = 0;
  }

  hasTurn(tenant: string): boolean {
    return this.#rivals.get(tenant)?.turn !== undefined;
  }

  /** Whether the next head must be built only after `enter`, with no batch under way. */
  isDue(tenant: string): boolean {
    const rival = this.#rivals.get(tenant);
    if (rival === undefined) return false;
    if (rival.turn) return Date.now() - rival.turn.since > TURN_MS;
    return this.#store.commits.turn !== undefined && isLosing(rival);
  }

  /** Called before the head is read from the store. */
  async enter(tenant: string): Promise<void> {
    const rival = this.#rivals.get(tenant);
    if (rival === undefined) return;
    rival.turn?.release();
    delete rival.turn;
    if (this.#store.commits.turn !== undefined) {
      if (!isLosing(rival)) return;
      // Without a turn, each batch's guards decide.
      const release = await this.#store.commits.turn(tenant).catch(() => undefined);
      if (release) rival.turn = { since: Date.now(), release };
    } else if (Date.now() - rival.lastAt < REMEMBERED_MS && rival.losses > 0) {
      const most = Math.min(PAUSE_MS.most, PAUSE_MS.first * 2 ** rival.losses);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * most));
    }
  }

  /** This process has no more writers. */
  rest(tenant: string): void {
    const rival = this.#rivals.get(tenant);
    rival?.turn?.release();
    if (rival === undefined) return;
    delete rival.turn;
    if (!isLosing(rival)) this.#rivals.delete(tenant);
  }
}

const isLosing = ({ losses, lastAt }: Rival): boolean => losses >= PATIENCE && Date.now() - lastAt < REMEMBERED_MS;
