import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';

/**
 * Copies a SQLite database into another file. The copy contains the state at one moment, although other processes may
 * write meanwhile. The function uses `vacuum into`, which reads in one transaction. The online backup API would start
 * again at every write of another process. The file is complete or absent, and only its owner can read it.
 * https://www.sqlite.org/lang_vacuum.html#vacuum_with_an_into_clause
 *
 * @throws Error when the file already exists, or when there is no room
 */
export function backupSqlite(path: string, to: string): void {
  if (existsSync(to))
    throw new Error(`There is a file '${to}' already, and a backup replaces no file. Name a new file with --to.`);
  const part = `${to}.part`;
  create(part, to);
  const db = new Database(path, { fileMustExist: true, timeout: 10_000 });
  try {
    db.prepare('vacuum into ?').run(part);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  } finally {
    db.close();
  }
  putInPlace(part, to);
}

/** Creates an empty file that only its owner may read. SQLite fills it and keeps its mode. */
function create(part: string, to: string): void {
  try {
    rmSync(part, { force: true });
    closeSync(openSync(part, 'wx', 0o600));
  } catch (error) {
    throw new Error(
      `The backup cannot be written to '${to}': ${(error as Error).message}. ` +
        'Expected a path in a folder that exists and that this user may write to.',
      { cause: error },
    );
  }
}

/** Gives a complete file its name. The function writes the content to disk before that. */
export function putInPlace(part: string, to: string): void {
  chmodSync(part, 0o600);
  sync(part);
  renameSync(part, to);
  sync(dirname(to));
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}
