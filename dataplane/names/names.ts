import type { AnswersTable } from '../feed/answers.ts';
import { Changes } from './changes.ts';
import { LookupQueue } from './lookup-queue.ts';
import { Patience } from './patience.ts';
import { type Answer, Unresolved } from './resolver.ts';

/** The shortest and the longest time until the next lookup of a name that was answered, in ms. */
const [SHORTEST_MS, LONGEST_MS] = [2_000, 300_000];
/** The longest time until the next lookup of a name that was not answered, in ms. */
const LONGEST_RETRY_MS = 10_000;
/** How often the answers of names that nobody uses are deleted from the replica. */
const SWEEP_MS = 3_600_000;

export interface NamesOptions {
  /** @throws Unresolved when the name has no addresses, or no name server answers */
  lookUp: (host: string) => Promise<Answer>;
  /** The last good answers on disk. */
  stored: () => AnswersTable;
  /** Called when the endpoints of clusters may have changed. */
  changed: (clusters: ReadonlySet<string>) => void;
  /** Whether a client still uses the cluster. */
  isUsed: (cluster: string) => boolean;
  tenantOf: (cluster: string) => string;
  /** Runs work that reads or writes the replica. */
  guard: (work: () => void) => void;
  /** Whether the fleet denies an address. */
  isDenied: (address: string) => boolean;
  /** Called when a name has another problem than before, and with undefined when it has none any more. */
  failed: (host: string, problem: NameProblem | undefined) => void;
}

/** Why a name was not answered, or has no address that may be used. */
export interface NameProblem {
  /** Completes "the name …". */
  reason: string;
  /** When the problem began, in ms since 1970. */
  since: number;
  /** `last-good`: the last lookup failed, and the last good answer is in use. `denied`: it is answered. */
  state: 'last-good' | 'unknown' | 'denied';
}

interface Known {
  /** The last good answer, sorted. */
  addresses: readonly string[] | undefined;
  /** Since when clients wait for the first answer, and because of which tenant; absent when they do not. */
  awaited?: { since: number; tenant: string } | undefined;
  /** The number of lookups that failed since the last answer. */
  failures: number;
  clusters: Set<string>;
  timer?: NodeJS.Timeout;
}

/**
 * The addresses of the DNS names in clusters that clients use. The last good answer of a name stays in use until the
 * next one, and it is in the replica, so that it survives a restart.
 */
export class Names {
  readonly #options: NamesOptions;
  readonly #known = new Map<string, Known>();
  readonly #hosts = new Map<string, readonly string[]>();
  readonly #troubled = new Map<string, NameProblem>();
  readonly #queue = new LookupQueue((host) => this.#lookUp(host));
  readonly #changes: Changes;
  readonly #patience = new Patience();
  readonly #sweep: NodeJS.Timeout;
  #isClosed = false;

  constructor(options: NamesOptions) {
    this.#options = options;
    this.#changes = new Changes({
      send: (clusters) => this.#guard(() => options.changed(clusters)),
      tenantOf: options.tenantOf,
      sizeOf: (cluster) =>
        (this.#hosts.get(cluster) ?? []).reduce(
          (sum, host) => sum + (this.#known.get(host)?.addresses?.length ?? 0),
          1,
        ),
    });
    this.#sweep = setInterval(() => this.#guard(() => options.stored().retain(new Set(this.#known.keys()))), SWEEP_MS);
    this.#sweep.unref();
  }

  /** Returns the addresses in the last good answer; none before the first. */
  of(host: string): readonly string[] {
    const key = host.toLowerCase();
    return (this.#known.get(key)?.addresses ?? this.#options.stored().get(key)) || [];
  }

  /**
   * Notes the names that a cluster needs from now on, and resolves them as long as a client uses the cluster.
   *
   * @returns whether the first answer about one of them is awaited
   */
  use(cluster: string, hosts: readonly string[] = []): boolean {
    const before = this.#hosts.get(cluster) ?? [];
    if (before.length === 0 && hosts.length === 0) return false;
    const keys = hosts.map((host) => host.toLowerCase());
    const tenant = this.#options.tenantOf(cluster);
    if (before.join() !== keys.join()) {
      if (keys.length > 0) this.#hosts.set(cluster, keys);
      else this.#hosts.delete(cluster);
      for (const host of keys) {
        (this.#known.get(host) ?? this.#add(host, tenant)).clusters.add(cluster);
        this.#queue.join(host, tenant);
      }
      const wanted = new Set(keys);
      for (const host of before) if (!wanted.has(host)) this.#release(host, cluster);
    }
    return keys.some((host) => this.#known.get(host)?.awaited);
  }

  /** The numbers of names that are resolved, and of those whose last lookup failed. */
  get counts(): { all: number; failing: number } {
    const failing = [...this.#troubled.values()].filter(({ state }) => state !== 'denied').length;
    return { all: this.#known.size, failing };
  }

  /** The problems by name, of every cluster that has some. */
  get problems(): ReadonlyMap<string, ReadonlyMap<string, NameProblem>> {
    const found = new Map<string, Map<string, NameProblem>>();
    for (const [host, problem] of this.#troubled)
      for (const cluster of this.#known.get(host)?.clusters ?? [])
        found.set(cluster, (found.get(cluster) ?? new Map<string, NameProblem>()).set(host, problem));
    return found;
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#sweep);
    this.#changes.close();
    for (const { timer } of this.#known.values()) clearTimeout(timer);
  }

  #add(host: string, tenant: string): Known {
    const addresses = this.#options.stored().get(host);
    const known: Known = { addresses, failures: 0, clusters: new Set() };
    this.#known.set(host, known);
    const patience = addresses ? 0 : this.#patience.of(tenant);
    if (patience > 0) {
      known.awaited = { since: performance.now(), tenant };
      setTimeout(() => this.#endWait(host, known), patience).unref();
    }
    // Not at once: the cluster counts as used once the caller has sent or postponed its endpoints.
    this.#later(host, known, 0);
    return known;
  }

  #release(host: string, cluster: string): void {
    const known = this.#known.get(host);
    if (!known) return;
    known.clusters.delete(cluster);
    if (known.clusters.size > 0) return;
    clearTimeout(known.timer);
    this.#known.delete(host);
    this.#troubled.delete(host);
    this.#queue.remove(host);
  }

  /** Puts a name into the queue, if a client still uses one of its clusters. */
  #due(host: string, known: Known): void {
    for (const cluster of [...known.clusters]) if (!this.#options.isUsed(cluster)) this.use(cluster);
    if (this.#known.get(host) === known)
      this.#queue.add(host, new Set([...known.clusters].map((cluster) => this.#options.tenantOf(cluster))));
  }

  async #lookUp(host: string): Promise<void> {
    const known = this.#known.get(host);
    if (!known || this.#isClosed) return;
    const answer = await this.#options.lookUp(host).catch((error: Error) => error);
    if (this.#isClosed || this.#known.get(host) !== known) return;
    if (answer instanceof Error) {
      this.#miss(host, known, answer);
      this.#later(host, known, Math.min(SHORTEST_MS * 2 ** known.failures++, LONGEST_RETRY_MS));
    } else {
      this.#take(host, known, [...answer.addresses].sort());
      this.#later(host, known, Math.min(Math.max(answer.ttl * 1000, SHORTEST_MS), LONGEST_MS));
    }
  }

  #take(host: string, known: Known, addresses: readonly string[]): void {
    known.failures = 0;
    const isDenied = addresses.length > 0 && addresses.every((address) => this.#options.isDenied(address));
    this.#note(host, isDenied ? { state: 'denied', reason: 'has only addresses that the fleet denies' } : undefined);
    if (String(known.addresses) === String(addresses)) return;
    known.addresses = addresses;
    this.#endWait(host, known);
    this.#guard(() => this.#options.stored().put(host, addresses));
    this.#changes.add(known.clusters);
  }

  #miss(host: string, known: Known, error: Error): void {
    const reason = error instanceof Unresolved ? error.message : `cannot be resolved: ${error.message}`;
    this.#note(host, { state: known.addresses ? 'last-good' : 'unknown', reason });
    this.#endWait(host, known);
  }

  /** Records the problem of a name, or that it has none. */
  #note(host: string, problem: Omit<NameProblem, 'since'> | undefined): void {
    const before = this.#troubled.get(host);
    if (before?.reason === problem?.reason) return;
    if (problem) this.#troubled.set(host, { ...problem, since: before?.since ?? Date.now() });
    else this.#troubled.delete(host);
    this.#options.failed(host, this.#troubled.get(host));
  }

  /** Lets clients no longer wait for the first answer. */
  #endWait(host: string, known: Known): void {
    const { awaited } = known;
    if (!awaited || this.#known.get(host) !== known) return;
    known.awaited = undefined;
    this.#patience.waited(awaited.tenant, performance.now() - awaited.since);
    this.#changes.add(known.clusters);
  }

  #later(host: string, known: Known, ms: number): void {
    clearTimeout(known.timer);
    // Names that were added together are not looked up together for ever.
    known.timer = setTimeout(() => this.#due(host, known), ms * (0.8 + Math.random() / 5));
    known.timer.unref();
  }

  #guard(work: () => void): void {
    if (!this.#isClosed) this.#options.guard(work);
  }
}
