import type { Driver, Statement } from './driver.ts';
import { violation } from './violation.ts';

export interface Migration {
  /** The name, such as `0000_initial`. Migrations run in the order of their tags. */
  tag: string;
  /** The statements, separated by the marker of drizzle-kit. */
  sql: string;
}

const SEPARATOR = '--> statement-breakpoint';
const TABLE: Statement = {
  sql: 'create table if not exists gatehouse_migration (tag text primary key not null)',
  params: [],
};

/**
 * The prefix of the tag of a row that exists while `store copy` copies into the database. The database cannot be opened
 * as long as this row exists.
 */
export const COPYING = 'copying ';

export const statementsOf = ({ sql }: Migration): Statement[] =>
  sql.split(SEPARATOR).map((statement) => ({ sql: statement.trim(), params: [] }));

/**
 * Finds which migrations were applied to a database. The function only reads. A database without tables has no
 * migrations.
 *
 * @throws Error when the database has a migration that this version does not know, because the meaning of its rows may
 *   have changed
 */
export async function levelOf(
  driver: Driver,
  known: Migration[],
): Promise<{ applied: string[]; pending: Migration[] }> {
  const tags = await recorded(driver);
  const unknown = tags.filter((tag) => !known.some((migration) => migration.tag === tag));
  if (unknown.some((tag) => tag.startsWith(COPYING)))
    throw new Error(
      'A copy into this database was begun and not finished. Run the same `npx gatehouse store copy` again.',
    );
  if (unknown.length > 0)
    throw new Error(
      `The database was written by a newer Gatehouse (it has the migration ${unknown.join(', ')}). Start that version, or restore a backup from before the upgrade.`,
    );
  return { applied: tags, pending: known.filter(({ tag }) => !tags.includes(tag)) };
}

async function recorded(driver: Driver): Promise<string[]> {
  try {
    return (await driver.all('select tag from gatehouse_migration order by tag', [])).map(([tag]) => String(tag));
  } catch (error) {
    if (/no such table|does not exist/.test(messages(error))) return [];
    throw error;
  }
}

function messages(error: unknown): string {
  const said: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) said.push(at.message);
  return said.join('; ');
}

/**
 * Updates a database to this version of Gatehouse, with one batch per migration.
 *
 * @param migrations all migrations of this version
 * @param locks the first statements of each batch, so that only one of several processes migrates
 * @throws Error as `levelOf`
 */
export async function migrate(driver: Driver, migrations: Migration[], locks: Statement[] = []): Promise<void> {
  await driver.batch([...locks, TABLE]);
  const { pending } = await levelOf(driver, migrations);
  for (const migration of pending) {
    // The record comes first in the batch. If two processes start together, the second one fails here, because the
    // first one has migrated.
    const record = { sql: `insert into gatehouse_migration (tag) values ('${migration.tag}')`, params: [] };
    try {
      await driver.batch([...locks, record, ...statementsOf(migration)]);
    } catch (error) {
      if (violation(error)?.table !== 'gatehouse_migration') throw error;
    }
  }
}
