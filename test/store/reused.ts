import { afterAll } from 'vitest';
import type { Driver } from '../../api/store/driver.ts';
import type { Store } from '../../api/store/store.ts';

/** A migrated database, and stores on it, as of that many processes. */
export interface Opened {
  stores: Store[];
  /** The connection that empties the database. */
  driver: Driver;
  /** Closes what `stores` do not close. */
  close?(): Promise<void>;
}

export interface Used {
  stores: Store[];
  /** Empties the database and keeps it for the next test: that is quicker than to make another one. */
  drop(): Promise<void>;
}

const KEPT = ['gatehouse_migration', 'sqlite_sequence'];

/**
 * Opens databases that one test after the other uses.
 *
 * @param tables the query for the names of all tables
 */
export function reused(open: () => Promise<Opened>, tables: string): () => Promise<Used> {
  const idle: Used[] = [];
  const opened: Opened[] = [];
  afterAll(async () => {
    for (const { stores, close } of opened) {
      for (const store of stores) await store.close();
      await close?.();
    }
  });

  async function create(): Promise<Used> {
    const made = await open();
    opened.push(made);
    const names = (await made.driver.all(tables, [])).map(([name]) => String(name));
    const empty = names
      .filter((name) => !KEPT.includes(name))
      .map((name) => ({ sql: `delete from ${name}`, params: [] }));
    const used: Used = {
      stores: made.stores,
      async drop() {
        await made.driver.batch(empty);
        idle.push(used);
      },
    };
    return used;
  }
  return async () => idle.pop() ?? (await create());
}

/** The query for the tables of SQLite and D1. */
export const SQLITE_TABLES =
  "select name from sqlite_master where type = 'table' and name not like '\\_cf%' escape '\\'";

/** The same, as `describeStore` needs it. */
export const withOneStore = (open: () => Promise<Used>) => async () => {
  const { stores, drop } = await open();
  return { store: stores[0]!, drop };
};
