/** What a database must do for the store; the only place an engine shows. */

export type Value = string | number | null;

export interface Statement {
  sql: string;
  params: Value[];
}

/** A result row, in the order of the selected columns. */
export type RawRow = Value[];

export interface Driver {
  all(sql: string, params: Value[]): Promise<RawRow[]>;
  /**
   * Runs the statements in order, all of them or none. SQLite and D1 run one batch at a time; on PostgreSQL others run beside it, so a batch
   * begins with the locks of what it decides on (`locks` in query.ts). Answers each statement's rows.
   */
  batch(statements: Statement[]): Promise<RawRow[][]>;
  /**
   * The same for what is told again by itself: a power cut may take it, the end of the process does not. Where there is no cheaper way it is
   * absent, and a batch does.
   */
  note?(statements: Statement[]): Promise<RawRow[][]>;
  /**
   * Waits for a lock, first come first served, and holds it past the batches that are run meanwhile: batches that begin
   * with the lock, shared or not, wait for its end. Absent where nobody waits for another process.
   *
   * @returns ends it; it also ends when this process does, or keeps it for more than some seconds
   */
  hold?(lock: string): Promise<() => void>;
  /** Gives freed room back to the disk, a little at a time. */
  tidy?(): Promise<void>;
  close(): Promise<void>;
}

/** The database cannot be reached, or has no room now. Whether a batch was written is not known; that it was not acknowledged is. */
export class Unavailable extends Error {}

/** A value is longer than the database keeps in a row; nothing was written. */
export class TooLarge extends Error {}
