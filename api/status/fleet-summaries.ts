import type { Behind } from '../../wire/feed.ts';
import type { Settings } from '../settings.ts';
import type { NodesTogether } from '../store/node-progress.ts';
import type { Store } from '../store/store.ts';
import { Turns } from '../store/turns.ts';
import type { StatusBoard } from './board.ts';
import { type ClosedPort, closedPortsOf, MOST_CLOSED_NODES } from './closed-ports.ts';

/** The connected nodes of a fleet, taken together, and the ports on which they do not listen. */
export interface FleetSummary extends NodesTogether {
  closed: ClosedPort[];
  /** The tenants of which some connected node serves less than `ahead`. */
  behind: Behind[];
  /** Equal for summaries of the same reports and of equal content. */
  key: string;
}

interface Kept {
  summary: FleetSummary;
  /** The number of reports that the summary contains at least. */
  reports: number;
  /** When it was read, and how long that took, by `performance.now()`. */
  at: number;
  took: number;
}

/**
 * How long a summary is used, in milliseconds. A report of which this process hears ends its use at once. After this
 * time, reports to other processes whose notice was lost are found too.
 */
const FRESH_MS = 250;
/** The largest number of different lists of late tenants in a summary. Most nodes report the same ones. */
const MOST_LISTS = 100;
/** A fleet is summed up again after this many times the time that the last time took. Reports may be very frequent. */
const REST = 4;

/**
 * Sums up the nodes of fleets for the requests that wait for a revision or for a change of a fleet. All of them share
 * one summary, however many wait, and however many nodes the fleet has.
 */
export class FleetSummaries {
  readonly #store: Store;
  readonly #settings: Pick<Settings, 'nodeTimeout'>;
  readonly #clock: () => number;
  readonly #board: StatusBoard;
  readonly #turns: Turns | undefined;
  readonly #kept = new Map<string, Kept>();

  /** @param areShared whether a request may wait for another one; false on Workers */
  constructor(
    { store, settings, clock, board }: { store: Store; settings: Settings; clock: () => number; board: StatusBoard },
    areShared: boolean,
  ) {
    this.#store = store;
    this.#settings = settings;
    this.#clock = clock;
    this.#board = board;
    this.#turns = areShared ? new Turns() : undefined;
  }

  /** Returns the summary of a fleet. It contains every report of which this process heard before the call. */
  async of(fleet: string): Promise<FleetSummary> {
    const reports = this.#board.reports(fleet);
    const current = async () => this.#usable(fleet, reports) ?? this.#read(fleet);
    return this.#usable(fleet, reports) ?? (this.#turns ? this.#turns.run(fleet, current) : current());
  }

  #usable(fleet: string, reports: number): FleetSummary | undefined {
    const kept = this.#kept.get(fleet);
    return kept && kept.reports >= reports && performance.now() - kept.at < FRESH_MS ? kept.summary : undefined;
  }

  async #read(fleet: string): Promise<FleetSummary> {
    const before = this.#kept.get(fleet);
    const pause = before ? before.at + REST * before.took - performance.now() : 0;
    if (pause >= 1) await new Promise((resolve) => setTimeout(resolve, Math.min(pause, FRESH_MS)));
    const reports = this.#board.reports(fleet);
    const at = performance.now();
    const since = this.#clock() - this.#settings.nodeTimeout;
    const together = await this.#store.nodes.together(fleet, since);
    const refusing = together.refusing > 0 ? await this.#store.nodes.refusing(fleet, since, MOST_CLOSED_NODES) : [];
    const { live } = together;
    // While the nodes are too different, what some tenants learn waits for all events before theirs.
    const behind = together.ahead > live ? await this.#store.nodes.behind(fleet, since, MOST_LISTS) : [];
    const content = { ...together, ...(!behind && { ahead: live }), behind: behind ?? [] };
    // Every report has a time, so the lists of late tenants need no comparison.
    const key = `${reports} ${JSON.stringify(together)}`;
    const summary = { ...content, closed: refusing.flatMap(closedPortsOf), key };
    this.#kept.set(fleet, { summary, reports, at, took: performance.now() - at });
    return summary;
  }
}
