import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { refuseOpen } from '../../api/keeping/in-use.node.ts';
import { type Database, openDatabase, placeOf } from '../../api/store/open.node.ts';
import { UsageError } from '../process/failure.ts';

/** Returns the URL of the store: `given`, or the one that the API would use. */
export const storeUrl = (given?: string): string =>
  given ?? process.env.GATEHOUSE_STORE ?? 'sqlite:.gatehouse/api.sqlite';

/**
 * Opens the database without migrating it, and closes it when the work ends or fails.
 *
 * @throws WrongSetting when the URL has no known form
 */
export async function withDatabase<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(url);
  try {
    return await work(database);
  } finally {
    await database.driver.close();
  }
}

/**
 * Returns the file of a SQLite store.
 *
 * @param otherwise what to do instead for a store of another engine, as one sentence
 * @throws UsageError when the store has another engine
 * @throws WrongSetting when the URL has no known form
 */
export function sqliteFile(url: string, otherwise: Record<'pg' | 'd1', string>): string {
  if (url.startsWith('d1:')) throw new UsageError(otherwise.d1);
  const place = placeOf(url);
  if (place.dialect === 'pg') throw new UsageError(otherwise.pg);
  return place.path;
}

/** Whether two URLs name one database: the same URL, or two paths of one SQLite file. */
export function isSameStore(one: string, other: string): boolean {
  return one === other || (one.startsWith('sqlite:') && other.startsWith('sqlite:') && real(one) === real(other));
}

function real(url: string): string {
  const path = resolve(url.slice('sqlite:'.length));
  return existsSync(path) ? realpathSync(path) : path;
}

/**
 * Checks that no process has a SQLite store open. Other engines are not checked, because their connections do not show
 * whether an API uses them.
 *
 * @throws Error when a process has the store open
 * @throws WrongSetting when the URL has no known form
 */
export function requireUnused(url: string): void {
  if (url.startsWith('d1:')) return;
  const place = placeOf(url);
  if (place.dialect === 'sqlite') refuseOpen(place.path);
}
