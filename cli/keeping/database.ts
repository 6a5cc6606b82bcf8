import { refuseOpen } from '../../api/keeping/in-use.node.ts';
import { type Database, openDatabase, placeOf } from '../../api/store/open.node.ts';
import { Usage } from '../process/failure.ts';

/** Returns the URL of the store: `given`, or the one that the API would use. */
export const storeUrl = (given?: string): string =>
  given ?? process.env.GATEHOUSE_STORE ?? 'sqlite:.gatehouse/api.sqlite';

/**
 * Opens the database without migrating it, and closes it when the work ends or fails.
 *
 * @throws Usage when the URL has no known form
 */
export async function withDatabase<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  requireKnown(url);
  const database = await openDatabase(url);
  try {
    return await work(database);
  } finally {
    await database.driver.close();
  }
}

function requireKnown(url: string): void {
  if (url.startsWith('d1:')) return;
  try {
    placeOf(url);
  } catch (cause) {
    throw new Usage((cause as Error).message);
  }
}

/**
 * Checks that no process has a SQLite store open. Other engines are not checked, because their connections do not show
 * whether an API uses them.
 *
 * @throws Error when a process has the store open, or when the URL has no known form
 */
export function requireUnused(url: string): void {
  if (url.startsWith('d1:')) return;
  const place = placeOf(url);
  if (place.dialect === 'sqlite') refuseOpen(place.path);
}
