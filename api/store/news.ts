/** An event of which a process notifies the other processes on the same database. */
export type Topic =
  | 'fleets'
  | 'tokens'
  | 'grants'
  | 'people'
  | `report/${string}`
  | `tokens/${string}`
  | `grants/${string}`
  | `feed/${string}`
  | `tenant/${string}`;

/** Short notices between processes. They are quick, but may be lost, so every listener also polls from time to time. */
export interface News {
  /** Notifies the other processes, but not this one. It never throws, and returns without waiting. */
  notify(...topics: Topic[]): void;
  /**
   * Adds a listener. The listener receives `undefined` when notices may have been lost. It must then assume that
   * anything changed.
   */
  listen(listener: (topic: Topic | undefined) => void): void;
}
