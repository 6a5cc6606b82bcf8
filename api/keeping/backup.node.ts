import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';

/**
 * Writes a SQLite database, as it is at one instant, into another file while others go on writing: `vacuum into` reads in one transaction, where the
 * online backup API starts over at every write of another process. The file is whole or absent, and its owner's alone.
 * https://www.sqlite.org/lang_vacuum.html#vacuum_with_an_into_clause
 *
 * @throws when there is a file already, or no room
 */
export function backupSqlite(path: string, to: string): void {
  if (existsSync(to)) throw new Error(`There is a file '${to}' already.`);
  const part = `${to}.part`;
  rmSync(part, { force: true });
  // Made first, for the mode: SQLite fills an empty file.
  closeSync(openSync(part, 'wx', 0o600));
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

/** On disk before it has its name. */
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
