import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';

/**
 * Checks that no process has a SQLite database open: takes SQLite's exclusive lock for a moment. An open connection in
 * WAL mode holds a shared lock all the time. https://www.sqlite.org/pragma.html#pragma_locking_mode
 *
 * @param path of the file; without a file there is nothing to check
 * @throws Error when a process has the database open
 */
export function refuseOpen(path: string): void {
  if (!existsSync(path)) return;
  const db = new Database(path, { timeout: 0 });
  try {
    db.pragma('locking_mode = exclusive');
    db.exec('begin exclusive; rollback');
  } catch (error) {
    // A damaged file has no process that uses it, and its command says what is wrong with it.
    if (!String((error as { code?: string }).code).startsWith('SQLITE_BUSY')) return;
    throw new Error(`'${path}' is in use: stop the API first.`, { cause: error });
  } finally {
    db.close();
  }
}
