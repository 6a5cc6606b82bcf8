import { LRUCache } from 'lru-cache';
import type { Sha256 } from '../../access/authenticate.ts';
import { absent } from '../../problem.ts';
import type { CommitOutcome } from '../../store/commit.ts';
import type { Store } from '../../store/store.ts';
import { within } from '../../within.ts';
import { Contention } from './contention.ts';
import { Head } from './head.ts';
import { requireKept } from './kept.ts';
import { LostRace } from './lost-race.ts';
import { WriterQueue } from './writer-queue.ts';

/** The outcome of a batch. `unknown` means that the database did not report whether it wrote the batch. */
type Landing = 'written' | 'refused' | 'unknown';

/**
 * A head that was read from the store, and the heads that this process built on it, each on the previous one. If the
 * database does not write one of them, it writes none of the later ones. The chain is then broken.
 */
interface Chain {
  broken: boolean;
}

/** A head on which requests of this process build, and the outcome of its batch. */
interface Track {
  head: Head;
  chain: Chain;
  /** The batch that writes this head. Undefined once it is written. */
  own?: Promise<Landing>;
  /** The batch that writes the head built on this one. */
  next?: Promise<Landing>;
  /**
   * Whether a batch that builds on this head was written. The store then had this head at that moment, after this
   * process loaded it.
   */
  wasHead: boolean;
}

/** The time for which a rejected request waits for the batch of the head that it was judged on, in milliseconds. */
const LANDING_MS = 5_000;

/**
 * The heads of the tenants that were written to most recently.
 *
 * The newest head of a tenant in memory may be older than the head in the store, if another process published. It may
 * also be newer, if its batch has not finished yet; the next batch then already builds on it. Each batch has a guard
 * that compares the id of its parent with the head in the store, so a commit on an outdated head writes nothing. A
 * request that writes nothing calls `confirm` instead.
 */
export class Heads {
  readonly #store: Store;
  readonly #sha256: Sha256;
  readonly #newest: LRUCache<string, Track>;
  readonly #queues = new Map<string, WriterQueue>();
  readonly #contention: Contention;

  constructor(store: Store, digest: Sha256, max: number) {
    this.#store = store;
    this.#sha256 = digest;
    // lru-cache keeps no entry larger than the whole cache. A head that large counts as the whole cache: it replaces
    // all others, so that the next write of its tenant does not load it again.
    this.#newest = new LRUCache({
      maxSize: max,
      sizeCalculation: ({ head }) => Math.min(Math.max(head.size, 1), max),
    });
    this.#contention = new Contention(store);
  }

  /**
   * Reads the configuration of a tenant from the store: the current head, or the configuration at an earlier revision.
   *
   * @throws Problem `not-found` when the tenant or the revision does not exist, `revision-pruned`
   */
  async at(name: string, revision?: number): Promise<Head> {
    const found = await this.#store.tenants.find(name);
    if (!found) throw absent(`tenant ${name}`);
    const number = revision ?? found.revision;
    const resources = number === 0 ? [] : await this.#store.configuration.resources(name, number);
    if (revision !== undefined) await requireKept(this.#store, name, revision);
    return Head.from(found, number, resources, this.#sha256);
  }

  /** Returns the newest head in memory; undefined when there is none. Its batch may not have finished yet. */
  newest(tenant: string): Head | undefined {
    return this.#sound(tenant)?.head;
  }

  /**
   * Returns the newest head for a request that writes nothing. It does not wait for a turn.
   *
   * @throws Problem `not-found` when the tenant does not exist
   */
  async look(tenant: string): Promise<Track> {
    const known = this.#sound(tenant);
    if (known) return known;
    const track: Track = { head: await this.at(tenant), chain: { broken: false }, wasHead: false };
    if (!this.#sound(tenant)) this.#newest.set(tenant, track);
    return track;
  }

  /**
   * Returns a head that the store has, or had after the call, for a request that depends on another tenant.
   *
   * @throws Problem `not-found` when the tenant does not exist
   */
  async current(tenant: string): Promise<Track> {
    const known = this.#sound(tenant);
    if (known?.own && (await within(LANDING_MS, known.own)) === 'written') return known;
    if (this.#sound(tenant) !== known) return this.current(tenant);
    if (known && (await this.#isHead(known.head))) return known;
    // A head that became the newest meanwhile may not be in the store yet.
    if (this.#sound(tenant) !== known) return this.current(tenant);
    this.forget(tenant);
    return this.look(tenant);
  }

  /**
   * Drops the newest head, which may be outdated. The next writer waits for running batches and then reads the store.
   */
  forget(tenant: string): void {
    this.#newest.delete(tenant);
  }

  /**
   * Waits for the turn of a writer, after all earlier writers. The turn allows it to load the head and to build the
   * next one.
   */
  async turn(tenant: string): Promise<Turn> {
    const queue = this.#queueOf(tenant);
    const turn = new Turn(this, tenant, queue);
    await queue.enter(turn);
    return turn;
  }

  /** Returns the queue of the tenant's writers. */
  #queueOf(tenant: string): WriterQueue {
    let queue = this.#queues.get(tenant);
    if (queue === undefined) {
      queue = new WriterQueue(() => {
        this.#queues.delete(tenant);
        this.#contention.rest(tenant);
      });
      this.#queues.set(tenant, queue);
    }
    return queue;
  }

  /**
   * Returns the newest head. Only the request that has the turn may call this.
   *
   * @throws Problem `not-found` when the tenant does not exist
   */
  async load(tenant: string, queue: WriterQueue): Promise<Track> {
    const known = this.#sound(tenant);
    if (known && !this.#contention.isDue(tenant)) return known;
    // This process waits for its own batches. Otherwise it would read a head that lacks their changes.
    await queue.landed();
    await this.#contention.enter(tenant);
    const newest = this.#sound(tenant);
    if (newest && (await this.#isHead(newest.head))) {
      this.#contention.calm(tenant);
      return newest;
    }
    const track: Track = { head: await this.at(tenant), chain: { broken: false }, wasHead: false };
    this.#newest.set(tenant, track);
    return track;
  }

  /**
   * Writes the head that was built on the head of the turn. The next writer may already build on this head while its
   * batch is running.
   *
   * @param commit starts the batch before it returns
   * @throws LostRace when an earlier batch was not written, so that this one cannot be written either
   */
  async write(turn: Turn, next: Head, commit: (inTurn: boolean) => Promise<CommitOutcome>): Promise<CommitOutcome> {
    const parent = turn.loaded!;
    const { chain } = parent;
    if (chain.broken || parent.next !== undefined) throw new LostRace([turn.tenant]);
    const track: Track = { head: next, chain, wasHead: false };
    const batch = commit(this.#contention.hasTurn(turn.tenant));
    track.own = batch.then(
      (outcome) => this.#landed(turn.tenant, parent, track, outcome),
      () => {
        chain.broken = true;
        return 'unknown';
      },
    );
    parent.next = track.own;
    // If the parent was forgotten meanwhile, it may be outdated, and the next head must not replace a newer one.
    if (this.#newest.get(turn.tenant) === parent) this.#newest.set(turn.tenant, track);
    turn.queue.sent(track.own);
    turn.leave();
    return batch;
  }

  /** Records the outcome of a batch. */
  #landed(tenant: string, parent: Track, track: Track, outcome: CommitOutcome): Landing {
    if (outcome.ok) {
      parent.wasHead = true;
      delete track.own;
      return 'written';
    }
    if (outcome.conflict !== 'revision') parent.wasHead = true;
    // If the parent was not written either, its own batch has recorded the lost race.
    else if (!parent.chain.broken && parent.own === undefined) this.#contention.lost(tenant);
    parent.chain.broken = true;
    return 'refused';
  }

  /**
   * Whether the store has the head that a request loaded, or had it at a moment after the load. Only then is a result
   * valid that was computed from this head. If the store never had the head, this process drops it.
   */
  async confirm({ loaded }: Basis): Promise<boolean> {
    const track = loaded!;
    const landing = track.own && (await within(LANDING_MS, track.own));
    if (landing === 'written') return true;
    if (landing === 'refused') return false;
    const built = async () => {
      if (track.next) await within(LANDING_MS, track.next);
      return track.wasHead;
    };
    if ((await built()) || (await this.#isHead(track.head))) return true;
    // Its successor may have been written during the read.
    if (await built()) return true;
    track.chain.broken = true;
    return false;
  }

  /** Whether the store has this head now, and the tenant has the same plan. */
  async #isHead({ tenant, revision, id, born, plan }: Head): Promise<boolean> {
    const found = await this.#store.tenants.find(tenant);
    return found?.revision === revision && found.head === id && found.createdAt === born && found.plan === plan;
  }

  /** Returns the newest head in memory, unless its chain is broken. */
  #sound(tenant: string): Track | undefined {
    const newest = this.#newest.get(tenant);
    return newest && !newest.chain.broken ? newest : undefined;
  }
}

/** Gives an attempt access to the head of its tenant. */
export interface Basis {
  /** The head that `load` returned; undefined before that. */
  readonly loaded: Track | undefined;
  /** @throws Problem `not-found` when there is no such tenant */
  load(): Promise<Head>;
  /** Lets the next writer continue. A second call has no effect. */
  leave(): void;
}

/** Access to the newest head for a request that writes nothing. It waits for no writer, and no writer waits for it. */
export class Look implements Basis {
  readonly #heads: Heads;
  readonly #tenant: string;
  loaded: Track | undefined;

  constructor(heads: Heads, tenant: string) {
    this.#heads = heads;
    this.#tenant = tenant;
  }

  async load(): Promise<Head> {
    this.loaded = await this.#heads.look(this.#tenant);
    return this.loaded.head;
  }

  leave(): void {}
}

/**
 * The right to load the head of a tenant and to write the next one. Other writers of this process wait until `leave`
 * is called.
 */
export class Turn implements Basis {
  readonly tenant: string;
  readonly queue: WriterQueue;
  readonly #heads: Heads;
  loaded: Track | undefined;

  constructor(heads: Heads, tenant: string, queue: WriterQueue) {
    this.#heads = heads;
    this.tenant = tenant;
    this.queue = queue;
  }

  async load(): Promise<Head> {
    this.loaded = await this.#heads.load(this.tenant, this.queue);
    return this.loaded.head;
  }

  leave(): void {
    this.queue.leave(this);
  }
}
