/** An event that other processes on the same database may want to know at once. */
export type Topic = 'report' | 'fleets' | 'tokens' | `tokens/${string}` | `feed/${string}` | `tenant/${string}`;

/** Notices from process to process. They are quick, and may be lost: every listener also polls from time to time. */
export interface News {
  /** Notifies the other processes, not this one. Never throws, never waits. */
  tell(...topics: Topic[]): void;
  /** The listener receives `undefined` when notices may have been lost: it must assume any change. */
  listen(listener: (topic: Topic | undefined) => void): void;
}
