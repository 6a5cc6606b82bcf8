import { getTableConfig } from 'drizzle-orm/sqlite-core';
import { columns } from '../store/dialect.ts';
import { tables } from '../store/schema.ts';

export interface TableShape {
  name: string;
  columns: { name: string; isNumber: boolean }[];
  /** Columns of its primary key, in order. */
  key: string[];
  /** Its key is handed out by the database. */
  isSerial: boolean;
}

/** Every table with rows to keep, in an order in which none refers to a later one. The same on every engine. */
export const shapes: TableShape[] = Object.values(tables(columns.sqlite)).flatMap((table) => {
  const config = getTableConfig(table);
  const single = config.columns.filter(({ primary }) => primary);
  const key = single.length > 0 ? single : (config.primaryKeys[0]?.columns ?? []);
  if (key.length === 0) return [];
  return {
    name: config.name,
    columns: config.columns.map((column) => ({ name: column.name, isNumber: column.columnType === 'SQLiteInteger' })),
    key: key.map((column) => column.name),
    isSerial: single.some((column) => 'autoIncrement' in column && column.autoIncrement === true),
  };
});
