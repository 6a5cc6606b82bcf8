import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type Database from 'better-sqlite3';

/**
 * The largest file in bytes that is checked completely at the start. A check of a larger file would delay the start too
 * much. Its header is checked, and SQLite reports other damage when it reads the damaged pages.
 */
const CHECKED_BYTES = 64 * 1024 * 1024;

/**
 * Thrown when the file of a replica is damaged. The agent then discards the file and pulls everything again from the
 * API.
 */
export class ReplicaDamaged extends Error {}

/** Returns whether an error means that the replica's file is damaged, was replaced or cannot be read or written. */
export function isDamage(error: unknown): boolean {
  if (error instanceof ReplicaDamaged) return true;
  const code = (error as { code?: unknown })?.code;
  return typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB|IOERR|CANTOPEN|READONLY_DBMOVED)/.test(code);
}

/**
 * Checks the length of a database file. SQLite reports missing pages only when it reads them, but the header contains
 * the number of pages.
 *
 * @throws ReplicaDamaged when the file has no SQLite header or is shorter than its header requires
 */
export function requireWhole(file: string): void {
  const header = Buffer.alloc(100);
  const descriptor = openSync(file, 'r');
  const read = readSync(descriptor, header, 0, 100, 0);
  closeSync(descriptor);
  // https://www.sqlite.org/fileformat2.html#the_database_header
  if (read < 100 || header.toString('latin1', 0, 15) !== 'SQLite format 3')
    throw new ReplicaDamaged('it does not begin as a database does');
  const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const pages = header.readUInt32BE(28);
  if (statSync(file).size < pageSize * pages) throw new ReplicaDamaged('it is shorter than its header requires');
}

/**
 * Checks the content of a database.
 *
 * @param format the `user_version` that this agent can read
 * @throws ReplicaDamaged when the database has another format or fails SQLite's check
 */
export function requireIntact(db: Database.Database, file: string, format: number): void {
  const found = db.pragma('user_version', { simple: true });
  if (found !== format) throw new ReplicaDamaged(`it has format ${found}, this agent reads ${format}`);
  if (statSync(file).size > CHECKED_BYTES) return;
  const verdict = db.pragma('quick_check(1)', { simple: true });
  if (verdict !== 'ok') throw new ReplicaDamaged(String(verdict));
}
