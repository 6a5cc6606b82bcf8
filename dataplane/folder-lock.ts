import { chmodSync, mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** How long to wait for the lock. A process that replaces another may start a moment before the other ends. */
const PATIENCE_MS = 1000;

/** Thrown when another process holds the folder. */
export class FolderInUse extends Error {}

export interface FolderLock {
  release(): void;
}

/**
 * Locks a data folder for this process. The lock is SQLite's exclusive lock on the file `lock`. The kernel releases it
 * when the process ends in any way, so no stale lock remains after `kill -9`.
 * https://www.sqlite.org/lockingv3.html
 *
 * @param folder created with access for its owner only when missing
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
      // The file contains no data. It is emptied and not replaced, because the lock of a running process is on this file.
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
