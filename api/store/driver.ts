/** What the store needs of a database. Code that differs between engines is behind this interface. */

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
   * Runs the statements in order, all or none. SQLite and D1 run one batch at a time. PostgreSQL runs batches in
   * parallel, so a batch begins with locks on the rows that it decides on (`locks` in query.ts).
   *
   * @returns the rows of each statement
   */
  batch(statements: Statement[]): Promise<RawRow[][]>;
  /**
   * Runs a batch whose content will be sent again if it is lost: it survives the end of the process, but perhaps not a
   * power cut. Absent on databases where this costs as much as a batch.
   */
  note?(statements: Statement[]): Promise<RawRow[][]>;
  /**
   * Waits for a lock, in the order of the requests, and holds it while other batches run. Batches that begin with this
   * lock, shared or not, wait until it is released. Absent on databases where no process waits for another.
   *
   * @returns a function that releases the lock; the lock also ends with this process, and after some seconds
   */
  hold?(lock: string): Promise<() => void>;
  /** Returns free pages to the disk, a few at a time. */
  tidy?(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The database cannot be reached, or has no room now. A batch that failed with this error may or may not have been
 * written; it was not acknowledged.
 */
export class Unavailable extends Error {}

/** A value is too long for the database. Nothing was written. */
export class TooLarge extends Error {}
