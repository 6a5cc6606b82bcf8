/**
 * The query builder of Drizzle builds each statement once, when the store opens. After that, a statement is a text and
 * an order of parameters. To build a statement for every call would cost more than to run it.
 */
import { is, Param, Placeholder, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { builder, columns, type Expressions, expressions, type Name } from './dialect.ts';
import type { Driver, RawRow, Statement, Value } from './driver.ts';
import { type Tables, tables } from './tables/index.ts';
import type { Guard } from './violation.ts';

type Built = { toSQL(): { sql: string; params: unknown[] } };
type RowOf<B> = Awaited<B> extends (infer Row)[] ? Row : never;

export interface Prepared<Row> {
  with(values: Record<string, Value>): Statement;
  rows(raw: RawRow[]): Row[];
}

/**
 * Compiles a built query. All its parameters must be placeholders or constants. `with` throws a TypeError when the
 * value of a placeholder is missing.
 */
export function prepare<B extends Built>(built: B): Prepared<RowOf<B>> {
  const { sql: text, params } = built.toSQL();
  const slots = params.map((param) => {
    const value = is(param, Param) ? param.value : param;
    return is(value, Placeholder) ? { name: value.name } : { value: value as Value };
  });
  const keys = selected(built);

  return {
    with: (values) => ({
      sql: text,
      params: slots.map((slot) => {
        if (slot.name === undefined) return slot.value;
        const value = values[slot.name];
        if (value === undefined) throw new TypeError(`The statement needs a value for '${slot.name}': ${text}`);
        return value;
      }),
    }),
    rows: (raw) =>
      raw.map((row) => {
        const object: Record<string, Value> = {};
        for (let i = 0; i < keys.length; i++) object[keys[i]!] = row[i]!;
        return object as RowOf<B>;
      }),
  };
}

/**
 * Returns the names of the result columns, in order. Drizzle stores them in members that have no types: in `_` for a
 * select, and in `config` for a `returning`.
 */
function selected(built: unknown): string[] {
  const { _, config } = built as {
    _?: { selectedFields?: object };
    config?: { returning?: { path: string[] }[] };
  };
  if (_?.selectedFields) return Object.keys(_.selectedFields);
  return config?.returning?.map((field) => field.path[0]!) ?? [];
}

/** The objects with which the files of the store build their statements. */
export interface Kit {
  db: ReturnType<typeof builder>;
  t: Tables;
  x: Expressions;
  driver: Driver;
}

export function kit(dialect: Name, driver: Driver): Kit {
  const { sha256 = expressions[dialect].sha256 } = driver;
  return { db: builder(dialect), t: tables(columns[dialect]), x: { ...expressions[dialect], sha256 }, driver };
}

/** Makes a named parameter. */
export const $ = (name: string): Placeholder => sql.placeholder(name);

/** Makes an integer parameter for a select list or an expression, where PostgreSQL cannot infer its type. */
export const $int = (name: string): SQL<number> => sql<number>`cast(${$(name)} as bigint)`;
export const $text = (name: string): SQL<string> => sql<string>`cast(${$(name)} as text)`;

type Row<T> = { [K in keyof T]: Placeholder };

/** Returns a row in which each column is a parameter of the same name. */
export function parameters<K extends string>(...names: K[]): Row<Record<K, unknown>> {
  return Object.fromEntries(names.map((name) => [name, $(name)])) as Row<Record<K, unknown>>;
}

/** Makes a statement that fails the batch when the condition is false. The violation then names the guard. */
export function guard({ db, t }: Kit, name: Guard, condition: SQLWrapper): Prepared<never> {
  const cell = (column: Guard): SQL => (column === name ? sql`null` : sql`0`);
  return prepare(
    db
      .insert(t.guard)
      .select(
        sql`select ${cell('version')}, ${cell('head')}, ${cell('fleets')}, ${cell('host')}, ${cell('owner')}, ${cell('quota')} where not (${condition})`,
      ),
  );
}

/** The lock on the fleets. A change of a fleet and the removal of a tenant lock it exclusively. A commit shares it. */
export const FLEETS_LOCK = 'fleets';
export const tenantLock = (name: string): string => `tenant/${name}`;
/**
 * Returns the name of the lock for a tenant's turn. A batch acquires it before all other locks, because a process that
 * waits for the turn of another process must not have a lock for which the other process waits.
 */
export const turnLock = (name: string): string => `!turn/${name}`;

/** The locks on the data that the guards of a batch check. If a name is in both lists, its lock is exclusive. */
export interface LockNames {
  alone?: readonly string[];
  shared?: readonly string[];
}

/**
 * Makes the first statements of a batch, which acquire its locks. Every batch acquires locks in the same order.
 * Otherwise two batches could wait for each other.
 */
export function locks({ x: { lock } }: Kit): (names: LockNames) => Statement[] {
  if (lock === undefined) return () => [];
  return ({ alone = [], shared = [] }) => {
    const signs = new Map([...shared.map((name) => [name, '+'] as const), ...alone.map((name) => [name, ''] as const)]);
    const names = [...signs.keys()].sort().map((name) => `${signs.get(name)}${name}`);
    return [{ sql: lock, params: [JSON.stringify(names)] }];
  };
}

export async function all<Row>({ driver }: Kit, query: Prepared<Row>, values: Record<string, Value>): Promise<Row[]> {
  const { sql: text, params } = query.with(values);
  return query.rows(await driver.all(text, params));
}

export async function first<Row>(
  kit: Kit,
  query: Prepared<Row>,
  values: Record<string, Value>,
): Promise<Row | undefined> {
  return (await all(kit, query, values))[0];
}

/** One page of a list. */
export interface Page {
  /** The maximum number of items, from 1 to 500. */
  limit: number;
  /** The last key of the previous page. The page begins after this key, in the order of the list. */
  after?: string;
}

/** A text that sorts after every name, because names are ASCII. */
const LAST = '\uffff';

/**
 * Returns the bounds of one page of a list that is sorted by name. The names on the page come after `after` and begin
 * with `prefix`.
 */
export function pageValues(page: { limit: number; after?: string; prefix?: string }): Record<string, Value> {
  const prefix = page.prefix ?? '';
  return { limit: page.limit, after: page.after ?? '', from: prefix, until: prefix + LAST };
}
