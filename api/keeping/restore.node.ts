import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { ADVANCE } from './advance.ts';
import { putInPlace } from './backup.node.ts';
import { refuseOpen } from './in-use.node.ts';

/**
 * Puts a backup in the place of a database, which may not exist yet. Every agent takes a snapshot afterwards.
 *
 * @throws when a process has the database open
 */
export function restoreSqlite(from: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  refuseOpen(path);
  const part = `${path}.part`;
  try {
    prepare(from, part);
    // Checked a second time, because a process may have opened it meanwhile.
    refuseOpen(path);
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
    putInPlace(part, path);
  } finally {
    rmSync(part, { force: true });
  }
}

/** Copies the backup to `part`, with feed numbers above any that an agent has seen. */
function prepare(from: string, part: string): void {
  rmSync(part, { force: true });
  copyFileSync(from, part);
  const db = new Database(part);
  try {
    // Without a log beside it: when the file gets its name, it must be complete.
    db.pragma('journal_mode = delete');
    db.exec(['begin immediate', ...ADVANCE, 'commit'].join(';'));
  } finally {
    db.close();
  }
}
