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
   * Runs the statements in order, all of them or none, as if no other batch ran at the same time (SQLite's one writer, D1's
   * batch, PostgreSQL's `serializable` with retries). Answers each statement's rows.
   */
  batch(statements: Statement[]): Promise<RawRow[][]>;
  close(): Promise<void>;
}
