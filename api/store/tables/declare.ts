import type { SQL } from 'drizzle-orm';
import type { Columns } from '../dialect.ts';

/** What becomes of the rows of a tenant or fleet that is removed. */
export type Removal =
  /** They are deleted in the batch of the removal. */
  | 'deleted'
  /** A foreign key deletes them. */
  | 'cascaded'
  /** They stay: the column only refers to the tenant or fleet. */
  | 'kept';

/** A table that has the column must say what becomes of its rows. */
type Owned<T, Owner extends string> = Owner extends keyof T ? { [P in Owner]: Removal } : { [P in Owner]?: never };

interface Common<T> {
  /** Whether `store copy` copies its rows into another database. */
  copied: boolean;
  /** `examined`, or why doctor need not look at its rows. */
  doctor: 'examined' | `not examined: ${string}`;
  /** Rows that may name a tenant that is gone; without it none may, and doctor reports those that do. */
  strays?: 'all' | ((table: T) => SQL);
  /** After a restore its rows are deleted: agents write them again, or take a snapshot. */
  isEmptiedByRestore?: true;
}

/** What the commands that look after a store, and the removal of tenants and fleets, need to know of a table. */
type Facts<T> = Common<T> & Owned<T, 'tenant'> & Owned<T, 'fleet'>;

export interface Declaration<T> {
  /** The table, in a dialect's columns. */
  define: (columns: Columns) => T;
  facts: Facts<T>;
}

/**
 * Declares a table: `declare(columns => table(…)).with(facts)`. Each is listed in `index.ts`; whatever handles all tables
 * is derived from that list.
 */
export const declare = <T>(define: (columns: Columns) => T): { with(facts: Facts<T>): Declaration<T> } => ({
  // Apart, for the type of the facts follows from that of the table.
  with: (facts) => ({ define, facts }),
});
