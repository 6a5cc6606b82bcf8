import { chmodSync, mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** A process that replaces another on the same folder may start a moment before the other has ended. */
const PATIENCE_MS = 1000;

/** Thrown when another process holds the folder. */
export class FolderInUse extends Error {}

export interface FolderLock {
  release(): void;
}

/**
 * Makes a data folder this process's own. The lock is SQLite's exclusive lock on the file `lock`, which the kernel releases with the
 * process, however that ends: there is no stale lock after `kill -9`, and no process number that another process may have by now.
 * https://www.sqlite.org/lockingv3.html
 *
 * @param folder made when it is not there, for its owner alone
 * @throws FolderInUse when another process still holds the folder after a second
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'lock');
  try {
    return lockFile(file);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') {
      // Nothing is kept in it. Emptied, not replaced: who holds the lock holds it on this very file.
      truncateSync(file);
      return lockFolder(folder);
    }
    if (code !== 'SQLITE_BUSY') throw error;
    throw new FolderInUse(`another process runs on the data folder ${folder}`, { cause: error });
  }
}

function lockFile(file: string): FolderLock {
  const db = new Database(file, { timeout: PATIENCE_MS });
  try {
    chmodSync(file, 0o600);
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw error;
  }
  return { release: () => void db.close() };
}
