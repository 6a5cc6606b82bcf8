import type { Rejection } from '../../wire/feed.ts';

/** Most rejections the API accepts per node and report. */
const MOST = 1000;
/** Shorter than the API's limit of 4,096 characters. Envoy may quote the whole resource. */
const LONGEST = 2000;

const keyOf = ({ tenant, revision, resource, path }: Rejection): string => `${tenant} ${revision} ${resource} ${path}`;

/**
 * The tenants' changes that one client does not serve. A rejection lasts as long as its resource is rejected. It is
 * reported at least once, however short it lasts, because its revision was not served.
 */
export class Rejections {
  /** By subject, then by key. */
  readonly #standing = new Map<string, Map<string, Rejection>>();
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
    const standing = new Map(this.#shared().map((rejection) => [keyOf(rejection), rejection]));
    for (const about of this.#standing.values()) for (const [key, rejection] of about) standing.set(key, rejection);
    const over = [...this.#unreported]
      .filter(([key]) => !standing.has(key))
      .map(([, rejection]) => ({ ...rejection, over: true as const }));
    return [...over, ...standing.values()].slice(0, MOST);
  }

  /** @param about the type and name of a resource, or the tenant of an event */
  stands(about: string): boolean {
    return this.#standing.has(about);
  }

  of(about: string): Rejection[] {
    return [...(this.#standing.get(about)?.values() ?? [])];
  }

  add(about: string, rejections: readonly Rejection[]): void {
    if (rejections.length === 0) return;
    const standing = this.#standing.get(about) ?? new Map<string, Rejection>();
    this.#standing.set(about, standing);
    for (const rejection of rejections) {
      const key = keyOf(rejection);
      const reported = {
        ...rejection,
        message: rejection.message.slice(0, LONGEST),
        path: rejection.path.slice(0, LONGEST),
      };
      if (standing.get(key)?.message !== reported.message) this.#unreported.set(key, reported);
      standing.set(key, reported);
    }
    this.#changed();
  }

  /** Adds rejections that are reported once, because they are over. */
  pass(rejections: readonly Rejection[]): void {
    if (rejections.length === 0) return;
    for (const rejection of rejections) this.#unreported.set(keyOf(rejection), rejection);
    this.#changed();
  }

  /** The subject is served correctly again, or no longer exists. */
  end(about: string): void {
    if (this.#standing.size > 0 && this.#standing.delete(about)) this.#changed();
  }

  /** The API accepted these. Of the current rejections, the latest of each resource stays in the report. */
  reported(rejections: readonly Rejection[]): void {
    if (this.#unreported.size > 0) for (const rejection of rejections) this.#unreported.delete(keyOf(rejection));
    for (const standing of this.#standing.values()) {
      const latest = new Map([...standing].map(([key, { resource }]) => [resource, key]));
      for (const [key, { resource }] of standing) {
        if (latest.get(resource) !== key && !this.#unreported.has(key)) standing.delete(key);
      }
    }
  }
}
