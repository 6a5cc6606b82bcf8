import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { putInPlace } from './backup.node.ts';

/** Above every number that a feed can have told since the backup was made. */
const FAR_AHEAD = 1_000_000_000;

/**
 * Puts a backup where a database is, or is to be. Feeds go on far above where they were: numbers told since the backup would else be told again of other
 * changes, and agents that have seen them would miss those. So every agent takes a snapshot.
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
  db.exec(`begin immediate;
    delete from feed;
    update fleet set seq = seq + ${FAR_AHEAD}, floor = seq + ${FAR_AHEAD};
    delete from node;
    commit`);
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
