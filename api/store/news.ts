/** Something that other processes on the same database may want to know of at once. */
export type Topic = 'report' | 'fleets' | 'tokens' | `tokens/${string}` | `feed/${string}` | `tenant/${string}`;

/**
 * Word from process to process. It is quick, and may be lost: whoever listens also looks for itself, now and then.
 */
export interface News {
  /** Tells the others, not this process. Never throws, never waits. */
  tell(...topics: Topic[]): void;
  /** `undefined` is told when word may have been lost: anything may have happened. */
  listen(listener: (topic: Topic | undefined) => void): void;
}
