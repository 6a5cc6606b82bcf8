import type { Rejection } from '../../../wire/feed.ts';

/** The largest number of rejections that the API accepts per node and report. */
const MOST = 1000;
/**
 * The largest length of a message or path in characters, below the API's limit of 4,096. Envoy's message may quote the
 * whole resource.
 */
const LONGEST = 2000;

const keyOf = ({ tenant, revision, resource, path }: Rejection): string => `${tenant} ${revision} ${resource} ${path}`;

/**
 * The rejections of one client: the tenants' changes that it does not serve. A rejection lasts as long as the client
 * rejects the resource. Even a short rejection is reported once, because its revision was not served.
 */
export class Rejections {
  /** The current rejections by subject (a resource, or a tenant's events), then by key. */
  readonly #current = new Map<string, Map<string, Rejection>>();
  readonly #unreported = new Map<string, Rejection>();
  readonly #changed: () => void;
  readonly #shared: () => readonly Rejection[];

  /**
   * @param changed called when there is something to report
   * @param shared the rejections that apply to every client, this one included
   */
  constructor(changed: () => void, shared: () => readonly Rejection[] = () => []) {
    this.#changed = changed;
    this.#shared = shared;
  }

  get all(): Rejection[] {
    const current = new Map(this.#shared().map((rejection) => [keyOf(rejection), rejection]));
    for (const about of this.#current.values()) for (const [key, rejection] of about) current.set(key, rejection);
    const over = [...this.#unreported]
      .filter(([key]) => !current.has(key))
      .map(([, rejection]) => ({ ...rejection, over: true as const }));
    return [...over, ...current.values()].slice(0, MOST);
  }

  /**
   * Whether a subject has a current rejection.
   *
   * @param about the subject: the type and name of a resource, or the tenant of an event
   */
  has(about: string): boolean {
    return this.#current.has(about);
  }

  /** Returns the current rejections of a subject. */
  of(about: string): Rejection[] {
    return [...(this.#current.get(about)?.values() ?? [])];
  }

  /** Adds current rejections to a subject. */
  add(about: string, rejections: readonly Rejection[]): void {
    if (rejections.length === 0) return;
    const current = this.#current.get(about) ?? new Map<string, Rejection>();
    this.#current.set(about, current);
    for (const rejection of rejections) {
      const key = keyOf(rejection);
      const reported = {
        ...rejection,
        message: rejection.message.slice(0, LONGEST),
        path: rejection.path.slice(0, LONGEST),
      };
      if (current.get(key)?.message !== reported.message) this.#unreported.set(key, reported);
      current.set(key, reported);
    }
    this.#changed();
  }

  /** Adds rejections that have already ended. Each is reported once. */
  pass(rejections: readonly Rejection[]): void {
    if (rejections.length === 0) return;
    for (const rejection of rejections) this.#unreported.set(keyOf(rejection), rejection);
    this.#changed();
  }

  /** Ends the rejections of a subject that the client serves again, or that no longer exists. */
  end(about: string): void {
    if (this.#current.size > 0 && this.#current.delete(about)) this.#changed();
  }

  /**
   * Notes that the API accepted a report with these rejections. Later reports contain only the latest current rejection
   * of each resource.
   */
  reported(rejections: readonly Rejection[]): void {
    if (this.#unreported.size > 0) for (const rejection of rejections) this.#unreported.delete(keyOf(rejection));
    for (const current of this.#current.values()) {
      const latest = new Map([...current].map(([key, { resource }]) => [resource, key]));
      for (const [key, { resource }] of current) {
        if (latest.get(resource) !== key && !this.#unreported.has(key)) current.delete(key);
      }
    }
  }
}
