import { type SQL, sql } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { expressions, type Name } from '../store/dialect.ts';
import type { Driver, RawRow, Statement, Value } from '../store/driver.ts';
import { parts } from '../store/parts.ts';
import { shapes, type TableShape } from './tables.ts';

/** The primary key of a row. */
export type Key = Value[];

const ROWS_A_PAGE = 250;

/** Creates the functions that read and write whole tables in pages, in the order of their keys, on one engine. */
export function pages({ dialect, driver }: { dialect: Name; driver: Driver }) {
  const writer = dialect === 'pg' ? new PgDialect() : new SQLiteAsyncDialect();
  const statement = (query: SQL): Statement => {
    const { sql: text, params } = writer.sqlToQuery(query);
    return { sql: text, params: params as Value[] };
  };
  const list = (names: readonly string[]) =>
    sql.join(
      names.map((name) => sql.identifier(name)),
      sql`, `,
    );
  const values = (key: Key) =>
    sql.join(
      key.map((value) => sql`${value}`),
      sql`, `,
    );

  return {
    async read({ name, columns, key }: TableShape, after: Key | undefined): Promise<RawRow[]> {
      const beyond = after ? sql` where (${list(key)}) > (${values(after)})` : sql``;
      const { sql: text, params } = statement(
        sql`select ${list(columns.map((column) => column.name))} from ${sql.identifier(name)}${beyond} order by ${list(key)} limit ${ROWS_A_PAGE}`,
      );
      return driver.all(text, params);
    },

    write({ name, columns }: TableShape, rows: readonly RawRow[]): Statement[] {
      const names = columns.map((column) => column.name);
      const cells = columns.map((column) => {
        const cell = sql`records.${sql.identifier(column.name)}`;
        return column.isNumber ? sql`cast(${cell} as bigint)` : cell;
      });
      const objects = rows.map((row) => Object.fromEntries(names.map((column, i) => [column, row[i]!])));
      return parts(objects).map((records) =>
        statement(
          sql`insert into ${sql.identifier(name)} (${list(names)}) select ${sql.join(cells, sql`, `)} from ${expressions[dialect].records(sql`${records}`, names)}`,
        ),
      );
    },

    keyOf: ({ columns, key }: TableShape, row: RawRow): Key =>
      key.map((name) => row[columns.findIndex((column) => column.name === name)]!),

    /** Sets the next key that the database assigns to the one after the copied rows. SQLite does this automatically. */
    finish: (): Statement[] =>
      dialect === 'sqlite'
        ? []
        : shapes
            .filter(({ isSerial }) => isSerial)
            .map(({ name, key: [id] }) => ({
              sql: `select setval(pg_get_serial_sequence('${name}', '${id}'), (select coalesce(max(${id}), 0) + 1 from ${name}), false)`,
              params: [],
            })),
  };
}
