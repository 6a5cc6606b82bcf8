import type { SQL } from 'drizzle-orm';
import type { Columns } from '../dialect.ts';

/** What happens to the rows of a tenant or fleet when it is removed. */
export type Removal =
  /** The batch of the removal deletes them. */
  | 'deleted'
  /** A foreign key deletes them. */
  | 'cascaded'
  /** They are kept, because the column only refers to the tenant or fleet. */
  | 'kept';

/**
 * The declaration of a table with the column `tenant` or `fleet`. It must say what happens to the rows when the tenant
 * or fleet is removed.
 */
type Owned<T, Owner extends string> = Owner extends keyof T ? { [P in Owner]: Removal } : { [P in Owner]?: never };

interface Common<T> {
  /** Whether `store copy` copies the rows of the table into another database. */
  copied: boolean;
  /** `examined`, or the reason why `doctor` does not examine the rows. */
  doctor: 'examined' | `not examined: ${string}`;
  /**
   * The rows that may refer to a removed tenant. If this is absent, no row may, and `doctor` reports every row that
   * does.
   */
  strays?: 'all' | ((table: T) => SQL);
  /** Present when a restore deletes the rows, because agents write them again or get a snapshot. */
  isEmptiedByRestore?: true;
}

/** The facts about a table that the `store` commands and the removal of tenants and fleets need. */
type Facts<T> = Common<T> & Owned<T, 'tenant'> & Owned<T, 'fleet'>;

export interface Declaration<T> {
  /** Defines the table with the columns of a dialect. */
  define: (columns: Columns) => T;
  facts: Facts<T>;
}

/**
 * Declares a table: `declare(columns => table(…)).with(facts)`. `index.ts` lists all declarations, and all code that
 * handles every table uses this list.
 */
export const declare = <T>(define: (columns: Columns) => T): { with(facts: Facts<T>): Declaration<T> } => ({
  // `with` is a separate call, because TypeScript infers the type of the facts from the type of the table.
  with: (facts) => ({ define, facts }),
});
