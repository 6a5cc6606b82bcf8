/**
 * The interface of a database. All code that differs between SQLite, D1 and PostgreSQL, except for the SQL dialect,
 * implements this interface.
 */

import type { SQL, SQLWrapper } from 'drizzle-orm';

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
   * Runs the statements in order, completely or not at all. SQLite and D1 run one batch at a time. PostgreSQL runs
   * batches in parallel, so a batch begins with locks on the data that its guards check (`locks` in query.ts).
   *
   * @returns the rows of each statement
   */
  batch(statements: Statement[]): Promise<RawRow[][]>;
  /**
   * Runs a batch whose content the sender repeats if it is lost. The batch survives the end of the process, but perhaps
   * not a power cut. Absent on databases where this costs as much as `batch`.
   */
  note?(statements: Statement[]): Promise<RawRow[][]>;
  /**
   * Waits for a lock, in the order of the calls, and keeps it while other batches run. Batches that begin with this
   * lock, shared or exclusive, wait until it is released. Absent on databases where processes cannot wait for each
   * other.
   *
   * @returns a function that releases the lock; the lock also ends with this process, and after a few seconds
   */
  hold?(lock: string): Promise<() => void>;
  /** The expression for SHA-256, on a database that does not have the one of its dialect (`Expressions.sha256`). */
  sha256?: (text: SQLWrapper) => SQL<string>;
  /**
   * The pragma that looks for damage in the file of the database. D1 does not permit `integrity_check`. Absent on
   * databases that are no file.
   */
  damagePragma?: 'integrity_check' | 'quick_check';
  /** Returns a few of the free pages to the disk. */
  tidy?(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The database cannot be reached, or currently has no room. If a batch fails with this error, it is unknown whether the
 * database wrote it.
 */
export class Unavailable extends Error {}

/** A value is too long for the database. Nothing was written. */
export class TooLarge extends Error {}
