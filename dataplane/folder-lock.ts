import { chmodSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { makeFolder } from '../wire/make-folder.node.ts';

/** How long to wait for the lock. A process that replaces another may start a moment before the other ends. */
const PATIENCE_MS = 1000;

/** Thrown when another process holds the folder. */
export class FolderInUse extends Error {
  /** The id of that process; undefined when it is not known. */
  readonly pid: number | undefined;

  constructor(folder: string, pid: number | undefined, cause: unknown) {
    super(`another process runs on the data folder ${folder}${pid === undefined ? '' : `: process ${pid}`}`, { cause });
    this.pid = pid;
  }
}

export interface FolderLock {
  release(): void;
}

/**
 * Locks a data folder for this process. The lock is SQLite's exclusive lock on the file `lock`. The kernel releases it
 * when the process ends in any way, so no stale lock remains after `kill -9`.
 * https://www.sqlite.org/lockingv3.html
 *
 * The file `lock.pid` contains the id of the process that has the lock.
 *
 * @param folder created with access for its owner only when missing
 * @throws FolderInUse when another process still holds the folder after a second
 */
export function lockFolder(folder: string): FolderLock {
  makeFolder(folder, 0o700);
  const file = join(folder, 'lock');
  const holder = `${file}.pid`;
  try {
    const db = lockFile(file);
    note(holder);
    return {
      release: () => {
        rmSync(holder, { force: true });
        db.close();
      },
    };
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') {
      // The file contains no data. It is emptied and not replaced, because the lock of a running process is on this file.
      truncateSync(file);
      return lockFolder(folder);
    }
    if (code !== 'SQLITE_BUSY') throw error;
    throw new FolderInUse(folder, pidIn(holder), error);
  }
}

/** Opens the file and locks it until the connection closes. */
function lockFile(file: string): Database.Database {
  const db = new Database(file, { timeout: PATIENCE_MS });
  try {
    chmodSync(file, 0o600);
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** Writes the id of this process. On a full disk it writes nothing: the id only serves an error message. */
function note(holder: string): void {
  try {
    writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 });
  } catch {
    rmSync(holder, { force: true });
  }
}

function pidIn(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}
