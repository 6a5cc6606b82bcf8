/**
 * All differences between the SQL dialects. They are the helpers for columns and keys, and a few expressions. This file
 * casts the helpers of PostgreSQL to the types of SQLite, so that the schema and every query exist only once.
 *
 * All databases have the same primitive columns. JSON is text, times are milliseconds since 1970, and booleans are 0 or
 * 1.
 */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import * as pgCore from 'drizzle-orm/pg-core';
import { drizzle as pgProxy } from 'drizzle-orm/pg-proxy';
import * as sqliteCore from 'drizzle-orm/sqlite-core';
import { drizzle as sqliteProxy } from 'drizzle-orm/sqlite-proxy';

const sqliteColumns = {
  table: sqliteCore.sqliteTable,
  text: (name: string) => sqliteCore.text(name),
  integer: (name: string) => sqliteCore.integer(name),
  /** A key that the database assigns. It is used only where its order has no meaning. */
  serial: (name: string) => sqliteCore.integer(name).primaryKey({ autoIncrement: true }),
  primaryKey: sqliteCore.primaryKey,
  index: sqliteCore.index,
  uniqueIndex: sqliteCore.uniqueIndex,
  foreignKey: sqliteCore.foreignKey,
};
export type Columns = typeof sqliteColumns;

// Pages of names and ranges of hosts need a comparison byte by byte, as in SQLite. The default collation of a
// PostgreSQL database may compare differently.
const bytewiseText = pgCore.customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

const pgColumns = {
  table: pgCore.pgTable,
  text: (name: string) => bytewiseText(name),
  integer: (name: string) => pgCore.bigint(name, { mode: 'number' }),
  serial: (name: string) => pgCore.bigserial(name, { mode: 'number' }).primaryKey(),
  primaryKey: pgCore.primaryKey,
  index: pgCore.index,
  uniqueIndex: pgCore.uniqueIndex,
  foreignKey: pgCore.foreignKey,
  // This cast is safe because the code uses only the members that both builders share.
} as unknown as Columns;

export type Name = 'sqlite' | 'pg';
export const columns: Record<Name, Columns> = { sqlite: sqliteColumns, pg: pgColumns };

/** Creates a query builder without a connection. The store compiles its statements once, and drivers run them. */
export function builder(dialect: Name): ReturnType<typeof sqliteProxy> {
  const refuse = async (): Promise<never> => {
    throw new Error('Statements are run by a driver, not by the query builder.');
  };
  return dialect === 'sqlite' ? sqliteProxy(refuse) : (pgProxy(refuse) as unknown as ReturnType<typeof sqliteProxy>);
}

export interface Expressions {
  /**
   * A table expression with one text column, `item`. Its rows are the elements of a JSON array of strings, so that a
   * list of any length is one parameter.
   */
  items: (array: SQLWrapper) => SQL;
  /** The member of a JSON object, in a text column, as JSON; null when it is absent. */
  member: (object: SQLWrapper, name: string) => SQL;
  /**
   * A table expression named `records`. Its rows are the objects of a JSON array, with their members as text columns,
   * so that many rows are one parameter.
   */
  records: (array: SQLWrapper, columns: readonly string[]) => SQL;
  /** Whether a JSON object of strings, in a text column, has this member with this value. */
  hasMember: (object: SQLWrapper, key: SQLWrapper, value: SQLWrapper) => SQL<boolean>;
  /** The SHA-256 of a text in UTF-8, in lower-case hex. */
  sha256: (text: SQLWrapper) => SQL<string>;
  /**
   * A statement that acquires locks until the end of the batch. Its one parameter is a JSON array of their names. The
   * prefix `+` of a name requests a shared lock. Absent on databases that run one batch at a time.
   */
  lock?: string;
}

export const expressions: Record<Name, Expressions> = {
  sqlite: {
    items: (array) => sql`(select value as item from json_each(${array})) as items`,
    member: (object, name) => sql`(${object} -> ${sql.raw(`'${name}'`)})`,
    records: (array, columns) => {
      const members = columns.map((column) => sql`value ->> ${sql.raw(`'${column}'`)} as ${sql.raw(`"${column}"`)}`);
      return sql`(select ${sql.join(members, sql`, `)} from json_each(${array})) as records`;
    },
    hasMember: (object, key, value) =>
      sql`exists (select 1 from json_each(${object}) as member where member.key = ${key} and member.value = ${value})`,
    // The driver defines this function.
    sha256: (text) => sql<string>`sha256(${text})`,
  },
  pg: {
    items: (array) => sql`jsonb_array_elements_text(${array}::jsonb) as items(item)`,
    member: (object, name) => sql`(${object}::jsonb -> ${sql.raw(`'${name}'`)})`,
    records: (array, columns) =>
      sql`json_to_recordset(${array}::json) as records(${sql.raw(columns.map((column) => `"${column}" text`).join(', '))})`,
    hasMember: (object, key, value) => sql`(${object}::jsonb ->> ${key}::text) = ${value}`,
    sha256: (text) => sql<string>`encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`,
    // Advisory locks are in memory, unlike row locks, so a shared lock causes no write.
    lock: `select case when item like '+%' then pg_advisory_xact_lock_shared(hashtextextended(substr(item, 2), 0))
      else pg_advisory_xact_lock(hashtextextended(item, 0)) end from jsonb_array_elements_text($1::jsonb) as items(item)`,
  },
};
