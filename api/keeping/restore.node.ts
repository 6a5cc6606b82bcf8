import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { ADVANCE } from './advance.ts';
import { putInPlace } from './backup.node.ts';

/**
 * Puts a backup where a database is, or is to be. Every agent takes a snapshot afterwards.
 *
 * @throws when a process has the database open
 */
export function restoreSqlite(from: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.part`;
  rmSync(part, { force: true });
  copyFileSync(from, part);
  const db = new Database(part);
  // No log beside it: the file is all there is of it when it gets its name.
  db.pragma('journal_mode = delete');
  db.exec(['begin immediate', ...ADVANCE, 'commit'].join(';'));
  db.close();
  refuseOpen(path);
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  putInPlace(part, path);
}

/** Who has it open would go on writing to a file that has lost its name. */
function refuseOpen(path: string): void {
  if (!existsSync(path)) return;
  const db = new Database(path, { timeout: 0 });
  try {
    db.pragma('locking_mode = exclusive');
    db.exec('begin exclusive; rollback');
  } catch (error) {
    // Whatever else is wrong with it goes with it.
    if (!String((error as { code?: string }).code).startsWith('SQLITE_BUSY')) return;
    throw new Error(`'${path}' is in use: stop the API first.`, { cause: error });
  } finally {
    db.close();
  }
}
