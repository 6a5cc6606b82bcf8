import { LRUCache } from 'lru-cache';
import type { Sha256 } from '../../access/authenticate.ts';
import { absent } from '../../problem.ts';
import type { CommitOutcome } from '../../store/commit.ts';
import type { Store } from '../../store/store.ts';
import { within } from '../../within.ts';
import { Contention } from './contention.ts';
import { Head } from './head.ts';
import { requireKept } from './kept.ts';
import { Line } from './line.ts';

/** Another writer or a change of the fleets was first, so the result no longer applies. Never leaves this API. */
export class LostRace extends Error {}

/** The outcome of a batch; `unknown`: the database did not report whether it wrote the batch. */
type Landing = 'written' | 'refused' | 'unknown';

/**
 * A head read from the store and the heads built on it here, each on the one before. When one is not written, none
 * after it is.
 */
interface Chain {
  broken: boolean;
}

/** A head that requests of this process build on, and what became of it. */
interface Track {
  head: Head;
  chain: Chain;
  /** The batch that writes the head, while it is under way. */
  own?: Promise<Landing>;
  /** The batch that writes the next head. */
  next?: Promise<Landing>;
  /** A batch built on this head was written, so this was the store's head after it was last loaded. */
  wasHead: boolean;
}

/** How long a refusal waits for the batch it depends on. */
const LANDING_MS = 5_000;

/**
 * Heads of the tenants last written to. The newest may be behind (another process published) or ahead (its batch is
 * under way, and the next one already builds on it). The guard of its batch, which compares the parent's id, decides
 * whether a commit counts. For every other outcome `confirm` decides.
 */
export class Heads {
  readonly #store: Store;
  readonly #sha256: Sha256;
  readonly #newest: LRUCache<string, Track>;
  readonly #lines = new Map<string, Line>();
  readonly #contention: Contention;

  constructor(store: Store, digest: Sha256, max: number) {
    this.#store = store;
    this.#sha256 = digest;
    // lru-cache keeps no entry larger than the whole cache. A head that large counts as the whole cache: it replaces all
    // others, so that the next write of its tenant does not load it again.
    this.#newest = new LRUCache({
      maxSize: max,
      sizeCalculation: ({ head }) => Math.min(Math.max(head.size, 1), max),
    });
    this.#contention = new Contention(store);
  }

  /**
   * The configuration as of a revision, or the head, straight from the store.
   *
   * @throws Problem `not-found`, `revision-pruned`
   */
  async at(name: string, revision?: number): Promise<Head> {
    const found = await this.#store.tenants.find(name);
    if (!found) throw absent(`tenant ${name}`);
    const number = revision ?? found.revision;
    const resources = number === 0 ? [] : await this.#store.configuration.resources(name, number);
    if (revision !== undefined) await requireKept(this.#store, name, revision);
    return Head.from(found, number, resources, this.#sha256);
  }

  /** The newest head in memory, if there is one; its batch may be under way. */
  newest(tenant: string): Head | undefined {
    return this.#sound(tenant)?.head;
  }

  /**
   * The newest head, for a request that writes nothing, without a turn.
   *
   * @throws Problem `not-found`
   */
  async look(tenant: string): Promise<Track> {
    const known = this.#sound(tenant);
    if (known) return known;
    const track: Track = { head: await this.at(tenant), chain: { broken: false }, wasHead: false };
    if (!this.#sound(tenant)) this.#newest.set(tenant, track);
    return track;
  }

  /** The known head may be wrong: the next writer reads the store, after the batches that are under way. */
  forget(tenant: string): void {
    this.#newest.delete(tenant);
  }

  /** A turn to load the tenant's head and build the next one, after earlier requests. */
  async turn(tenant: string): Promise<Turn> {
    const line = this.#lineOf(tenant);
    const turn = new Turn(this, tenant, line);
    await line.enter(turn);
    return turn;
  }

  #lineOf(tenant: string): Line {
    let line = this.#lines.get(tenant);
    if (line === undefined) {
      line = new Line(() => {
        this.#lines.delete(tenant);
        this.#contention.rest(tenant);
      });
      this.#lines.set(tenant, line);
    }
    return line;
  }

  /**
   * The newest head. Only the request that has the turn may call this.
   *
   * @throws Problem `not-found`
   */
  async load(tenant: string, line: Line): Promise<Track> {
    const known = this.#sound(tenant);
    if (known && !this.#contention.isDue(tenant)) return known;
    // Waits for our own batches, else the read would be behind them.
    await line.landed();
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
   * Writes the head built on the turn's head, and lets the next writer build on it before it is durable.
   *
   * @param commit begins the batch at once
   * @throws LostRace when it can no longer be written
   */
  async write(turn: Turn, next: Head, commit: (inTurn: boolean) => Promise<CommitOutcome>): Promise<CommitOutcome> {
    const parent = turn.loaded!;
    const { chain } = parent;
    if (chain.broken || parent.next !== undefined) throw new LostRace();
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
    // A head forgotten meanwhile may not be the newest.
    if (this.#newest.get(turn.tenant) === parent) this.#newest.set(turn.tenant, track);
    turn.line.sent(track.own);
    turn.leave();
    return batch;
  }

  #landed(tenant: string, parent: Track, track: Track, outcome: CommitOutcome): Landing {
    if (outcome.ok) {
      parent.wasHead = true;
      delete track.own;
      return 'written';
    }
    if (outcome.conflict !== 'revision') parent.wasHead = true;
    // If the parent was not written either, the parent's batch reports why.
    else if (!parent.chain.broken && parent.own === undefined) this.#contention.lost(tenant);
    parent.chain.broken = true;
    return 'refused';
  }

  /**
   * Whether the head that a request loaded is, or has since been, the store's head. Only then is a result computed from it
   * valid. Otherwise it is forgotten.
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

  async #isHead({ tenant, revision, id, born }: Head): Promise<boolean> {
    const found = await this.#store.tenants.find(tenant);
    return found?.revision === revision && found.head === id && found.createdAt === born;
  }

  #sound(tenant: string): Track | undefined {
    const newest = this.#newest.get(tenant);
    return newest && !newest.chain.broken ? newest : undefined;
  }
}

/** What one try of a request is computed from. */
export interface Basis {
  /** The head that `load` returned. */
  readonly loaded: Track | undefined;
  /** @throws Problem `not-found` when there is no such tenant */
  load(): Promise<Head>;
  /** Lets the next writer proceed. Has no effect when it was called before. */
  leave(): void;
}

/** A look at the newest head, by a request that writes nothing: it waits for no writer, and no writer waits for it. */
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

/** The right to load a tenant's head and to write the next one, while other writers of this process wait. */
export class Turn implements Basis {
  readonly tenant: string;
  readonly line: Line;
  readonly #heads: Heads;
  loaded: Track | undefined;

  constructor(heads: Heads, tenant: string, line: Line) {
    this.#heads = heads;
    this.tenant = tenant;
    this.line = line;
  }

  async load(): Promise<Head> {
    this.loaded = await this.#heads.load(this.tenant, this.line);
    return this.loaded.head;
  }

  leave(): void {
    this.line.leave(this);
  }
}
