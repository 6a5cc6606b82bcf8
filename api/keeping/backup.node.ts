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

/** An empty file, which only its owner may read. SQLite fills it and keeps that mode. */
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
