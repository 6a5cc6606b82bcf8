import { getTableName } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/sqlite-core';
import { columns } from '../store/dialect.ts';
import { declarations, type TableName, tableNames, tables } from '../store/tables/index.ts';

export interface TableShape {
  name: string;
  columns: { name: string; isNumber: boolean }[];
  /** The columns of its primary key, in order. */
  key: string[];
  /** Whether the database assigns its key. */
  isSerial: boolean;
}

const built = tables(columns.sqlite);

/** Returns the SQL name of a table, such as `resource_version`. */
export const sqlName = (name: TableName): string => getTableName(built[name]);

/** Every table that `store copy` copies. No table refers to a later one. The order is the same on every engine. */
export const shapes: TableShape[] = inOrder(tableNames.filter((name) => declarations[name].facts.copied)).map(
  (name) => {
    const config = getTableConfig(built[name]);
    const single = config.columns.filter(({ primary }) => primary);
    const key = single.length > 0 ? single : (config.primaryKeys[0]?.columns ?? []);
    if (key.length === 0) throw new Error(`The table ${config.name} has no primary key to copy it by.`);
    return {
      name: config.name,
      columns: config.columns.map((column) => ({ name: column.name, isNumber: column.columnType === 'SQLiteInteger' })),
      key: key.map((column) => column.name),
      isSerial: single.some((column) => 'autoIncrement' in column && column.autoIncrement === true),
    };
  },
);

/** Sorts tables, so that each one comes after the tables to which its foreign keys refer. */
function inOrder(names: readonly TableName[]): TableName[] {
  const ordered = new Set<TableName>();
  const place = (name: TableName): void => {
    const referred = getTableConfig(built[name]).foreignKeys.map((key) => getTableName(key.reference().foreignTable));
    for (const other of tableNames) if (other !== name && referred.includes(sqlName(other))) place(other);
    ordered.add(name);
  };
  for (const name of names) place(name);
  return [...ordered];
}
