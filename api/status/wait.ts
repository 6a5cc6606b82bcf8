import type { Services } from '../context.ts';
import { changedUnserved } from './changed-unserved.ts';
import { portRejections } from './closed-ports.ts';
import type { FleetSummary } from './fleet-summaries.ts';
import { isSharing, liveOf } from './live-of.ts';
import { least, type NodeState, type RevisionState, stateOf } from './progress.ts';
import { seqsOf } from './seqs.ts';

export type { RevisionState } from './progress.ts';

/**
 * The interval at which a wait reads reports that other API processes received, in milliseconds. A report to this
 * process ends the pause at once.
 */
const LOOK_AGAIN_MS = 500;
/** After this time, a wait reads everything again, even if no node has reported. A fleet may have been removed. */
const READ_AGAIN_MS = 5_000;

/** The states that end a wait. */
const final: ReadonlySet<RevisionState> = new Set(['live', 'rejected', 'superseded', 'unserved']);

/**
 * Waits until a revision is live, rejected, superseded or unserved, or until the time is over.
 *
 * @param seconds the maximum time to wait
 * @returns the state of the revision at the end of the wait
 */
export async function waitLive(
  services: Services,
  tenant: string,
  revision: number,
  seconds: number,
): Promise<RevisionState> {
  const nothingServed = changedUnserved(services, tenant, revision);
  const until = services.clock() + seconds * 1000;
  const watched = new WatchedRevision(services, tenant, revision);
  for (;;) {
    const woken = services.board.subscribe(watched.fleets);
    const [reached, unserved] = await Promise.all([watched.look(), nothingServed]);
    const state = unserved ? 'unserved' : reached;
    const left = until - services.clock();
    if (final.has(state) || left <= 0 || services.feeds.closing.aborted) {
      woken.cancel();
      return state;
    }
    await woken.within(Math.min(left, LOOK_AGAIN_MS));
  }
}

/** The state of a revision, which one request reads again and again. It costs little while no node reports. */
class WatchedRevision {
  readonly #services: Services;
  readonly #tenant: string;
  readonly #revision: number;
  #seqs: ReadonlyMap<string, number> | undefined;
  /** The summaries of the fleets from which `#state` was computed. */
  #key: string | undefined;
  #state: RevisionState = 'pending';
  #readAt = 0;
  /** The fleets that do not serve the revision through a closed port, and the closed ports from which this follows. */
  #closed: { key: string; fleets: ReadonlySet<string> } = { key: '[]', fleets: new Set() };

  constructor(services: Services, tenant: string, revision: number) {
    this.#services = services;
    this.#tenant = tenant;
    this.#revision = revision;
  }

  /** The fleets that serve the revision. Undefined before the first look. */
  get fleets(): ReadonlySet<string> | undefined {
    return this.#seqs && new Set(this.#seqs.keys());
  }

  /** Computes the state of the revision from the latest reports. */
  async look(): Promise<RevisionState> {
    const { store, summaries, clock, settings } = this.#services;
    const isOld = performance.now() - this.#readAt >= READ_AGAIN_MS;
    const seqs = (isOld ? undefined : this.#seqs) ?? (await seqsOf(this.#services, this.#tenant, this.#revision));
    const nodes = await Promise.all(
      [...seqs].map(async ([fleet, seq]) => ({ fleet, seq, ...(await summaries.of(fleet)) })),
    );
    const key = nodes.map((each) => each.key).join();
    if (key === this.#key && !isOld) return this.#state;
    const since = clock() - settings.nodeTimeout;
    const rejecting = await store.rejections.fleetsOf(this.#tenant, this.#revision, since);
    const closed = await this.#closedOf(nodes.flatMap((each) => each.closed));
    const states: NodeState[] = [];
    for (const { fleet, seq, ...all } of nodes) {
      const live = await this.#liveIn(all, seq);
      const reached = Math.max(all.reached, live);
      states.push(stateOf({ ...all, live, reached }, seq, wordsOf(fleet, rejecting, closed)));
    }
    this.#state = nodes.length === 0 ? 'unserved' : least(states);
    this.#seqs = seqs;
    this.#key = key;
    if (isOld) this.#readAt = performance.now();
    return this.#state;
  }

  /** Returns the number up to which the nodes of a fleet serve the events of the tenant. */
  async #liveIn(all: FleetSummary, seq: number): Promise<number> {
    const live = liveOf(all, this.#tenant);
    if (all.live >= seq || live < seq) return all.live;
    return (await isSharing(this.#services.store, this.#tenant)) ? all.live : live;
  }

  async #closedOf(closed: Parameters<typeof portRejections>[3]): Promise<ReadonlySet<string>> {
    const key = JSON.stringify(closed.map(({ fleet, node, port }) => [fleet, node, port]));
    if (key === this.#closed.key) return this.#closed.fleets;
    const { own } = await portRejections(this.#services, this.#tenant, this.#revision, closed);
    this.#closed = { key, fleets: new Set(own.map(({ fleet }) => fleet)) };
    return this.#closed.fleets;
  }
}

/** Returns what nodes of a fleet say about the revision. */
function wordsOf(
  fleet: string,
  rejecting: readonly { fleet: string; superseded: boolean }[],
  closed: ReadonlySet<string>,
): 'rejected' | 'superseded' | undefined {
  const found = rejecting.find((each) => each.fleet === fleet);
  if (closed.has(fleet) || (found && !found.superseded)) return 'rejected';
  return found && 'superseded';
}
