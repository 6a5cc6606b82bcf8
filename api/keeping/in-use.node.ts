import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';

/**
 * Checks that no process has a SQLite database open. It acquires the exclusive lock of SQLite for a moment. An open
 * connection in WAL mode always has a shared lock, so the lock then fails.
 * https://www.sqlite.org/pragma.html#pragma_locking_mode
 *
 * @param path the path of the file; the function does nothing when the file does not exist
 * @throws Error when a process has the database open
 */
export function refuseOpen(path: string): void {
  if (!existsSync(path)) return;
  const db = new Database(path, { timeout: 0 });
  try {
    db.pragma('locking_mode = exclusive');
    db.exec('begin exclusive; rollback');
  } catch (error) {
    // Other errors mean that the file is damaged. No process uses a damaged file, and the command that opens it next
    // reports the damage.
    if (!String((error as { code?: string }).code).startsWith('SQLITE_BUSY')) return;
    throw new Error(`'${path}' is in use: stop the API first.`, { cause: error });
  } finally {
    db.close();
  }
}
