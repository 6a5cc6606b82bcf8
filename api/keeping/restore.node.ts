import { copyFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { makeFolder } from '../../wire/make-folder.node.ts';
import { ADVANCE } from './advance.ts';
import { putInPlace } from './backup.node.ts';
import { refuseOpen } from './in-use.node.ts';

/**
 * Replaces a database with a backup. The database need not exist. Every agent gets a snapshot afterwards.
 *
 * @throws Error when a process has the database open
 */
export function restoreSqlite(from: string, path: string): void {
  makeFolder(dirname(path));
  refuseOpen(path);
  const part = `${path}.part`;
  try {
    prepare(from, part);
    // This check is repeated, because a process may have opened the database meanwhile.
    refuseOpen(path);
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
    putInPlace(part, path);
  } finally {
    rmSync(part, { force: true });
  }
}

/** Copies the backup to `part`, and raises the feed numbers above every number that an agent has seen. */
function prepare(from: string, part: string): void {
  rmSync(part, { force: true });
  copyFileSync(from, part);
  const db = new Database(part);
  try {
    // This mode has no log file beside the database. The database file must be complete when it gets its name.
    db.pragma('journal_mode = delete');
    db.exec(['begin immediate', ...ADVANCE, 'commit'].join(';'));
  } finally {
    db.close();
  }
}
