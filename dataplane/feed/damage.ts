import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type Database from 'better-sqlite3';

/**
 * Above this size a full check would delay the start too much. The header is checked anyway, and reads report damage
 * later.
 */
const CHECKED_BYTES = 64 * 1024 * 1024;

/**
 * Thrown when a replica's file cannot be trusted. The remedy is to discard it and pull everything again from the API.
 */
export class ReplicaDamaged extends Error {}

/** Whether better-sqlite3 threw this because the database file was damaged or replaced. */
export function isDamage(error: unknown): boolean {
  if (error instanceof ReplicaDamaged) return true;
  const code = (error as { code?: unknown })?.code;
  return typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB|IOERR|CANTOPEN|READONLY_DBMOVED)/.test(code);
}

/**
 * SQLite reports pages beyond the end of a file only when it reads them. The header says how long the file should be.
 *
 * @throws ReplicaDamaged
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
 * @param format the `user_version` this agent reads
 * @throws ReplicaDamaged when the database has another format or fails SQLite's check
 */
export function requireIntact(db: Database.Database, file: string, format: number): void {
  const held = db.pragma('user_version', { simple: true });
  if (held !== format) throw new ReplicaDamaged(`it has format ${held}, this agent reads ${format}`);
  if (statSync(file).size > CHECKED_BYTES) return;
  const verdict = db.pragma('quick_check(1)', { simple: true });
  if (verdict !== 'ok') throw new ReplicaDamaged(String(verdict));
}
