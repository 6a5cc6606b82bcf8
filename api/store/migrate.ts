import type { Driver, Statement } from './driver.ts';
import { violation } from './violation.ts';

export interface Migration {
  /** `0000_initial`; migrations run in the order of their tags. */
  tag: string;
  /** Statements, separated as drizzle-kit does. */
  sql: string;
}

const SEPARATOR = '--> statement-breakpoint';

/**
 * Brings a database to this version of Gatehouse, one batch a migration.
 *
 * @param locks what each batch begins with, so that of several processes one does the work
 * @throws when the database has a migration this version does not know: its rows may mean something else by now
 */
export async function migrate(driver: Driver, migrations: Migration[], locks: Statement[] = []): Promise<void> {
  await driver.batch([
    ...locks,
    { sql: 'create table if not exists gatehouse_migration (tag text primary key not null)', params: [] },
  ]);
  const applied = new Set((await driver.all('select tag from gatehouse_migration', [])).map(([tag]) => tag));

  const known = new Set<unknown>(migrations.map(({ tag }) => tag));
  const unknown = [...applied].filter((tag) => !known.has(tag));
  if (unknown.length > 0) {
    throw new Error(
      `The database was written by a newer Gatehouse (it has the migration ${unknown.join(', ')}). Start that version, or restore a backup made before the upgrade.`,
    );
  }

  for (const { tag, sql } of migrations) {
    if (applied.has(tag)) continue;
    const statements = sql.split(SEPARATOR).map((statement) => ({ sql: statement, params: [] }));
    // The record first: of two processes that start together, the second fails here and has nothing left to do.
    const record = { sql: `insert into gatehouse_migration (tag) values ('${tag}')`, params: [] };
    try {
      await driver.batch([...locks, record, ...statements]);
    } catch (error) {
      if (violation(error)?.table !== 'gatehouse_migration') throw error;
    }
  }
}
