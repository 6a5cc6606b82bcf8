import type { Store } from '../store/port.ts';

/** Races lost to other processes count for so long. */
const REMEMBERED_MS = 1_000;
/** So many in that time, and the turn is taken in the database. */
const PATIENCE = 2;
/** How long this process keeps it while others may be waiting. */
const TURN_MS = 200;
/** Where there is no such turn, how long to wait before another try: at random up to this, doubled at each loss. */
const PAUSE_MS = { first: 5, most: 200 };

interface Rival {
  losses: number;
  lastAt: number;
  turn?: { since: number; release: () => void };
}

/**
 * Other processes that write to the same tenants. Whoever wins a race builds on its own head at once, and wins again while its writers go
 * on: so a process that lost twice takes the tenant's turn in the database, where those who wait are served in order, and its writers write
 * in it together. Where the database has no turns, it waits a little, at random.
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

  /** What is known of the head is what the store has: nobody else writes at the moment. */
  calm(tenant: string): void {
    const rival = this.#rivals.get(tenant);
    if (rival) rival.losses = 0;
  }

  hasTurn(tenant: string): boolean {
    return this.#rivals.get(tenant)?.turn !== undefined;
  }

  /** Whether the next head is to be built only after `enter`, once nothing is under way. */
  isDue(tenant: string): boolean {
    const rival = this.#rivals.get(tenant);
    if (rival === undefined) return false;
    if (rival.turn) return Date.now() - rival.turn.since > TURN_MS;
    return this.#store.turn !== undefined && isLosing(rival);
  }

  /** Before the head is looked up in the store. */
  async enter(tenant: string): Promise<void> {
    const rival = this.#rivals.get(tenant);
    if (rival === undefined) return;
    rival.turn?.release();
    delete rival.turn;
    if (this.#store.turn !== undefined) {
      if (!isLosing(rival)) return;
      // Without it the guards of each batch decide, as ever.
      const release = await this.#store.turn(tenant).catch(() => undefined);
      if (release) rival.turn = { since: Date.now(), release };
    } else if (Date.now() - rival.lastAt < REMEMBERED_MS && rival.losses > 0) {
      const most = Math.min(PAUSE_MS.most, PAUSE_MS.first * 2 ** rival.losses);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * most));
    }
  }

  /** Nobody writes here any more. */
  rest(tenant: string): void {
    const rival = this.#rivals.get(tenant);
    rival?.turn?.release();
    if (rival === undefined) return;
    delete rival.turn;
    if (!isLosing(rival)) this.#rivals.delete(tenant);
  }
}

const isLosing = ({ losses, lastAt }: Rival): boolean => losses >= PATIENCE && Date.now() - lastAt < REMEMBERED_MS;
