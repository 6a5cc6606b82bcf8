import { join } from 'node:path';
import { startServer } from '../test/postgres/server.ts';
import type { Processes } from './processes.ts';

export const STORES = ['sqlite', 'postgres'] as const;
export type StoreKind = (typeof STORES)[number];

/** Creates a database for one run. PostgreSQL writes to disk before it acknowledges, as SQLite does. @returns its URL */
export async function newDatabase(kind: StoreKind, processes: Processes): Promise<string> {
  if (kind === 'sqlite') return `sqlite:${join(processes.folder, 'api.sqlite')}`;
  const server = await startServer(['-c', 'fsync=on', '-c', 'synchronous_commit=on', '-c', 'max_connections=200']);
  processes.atEnd(() => server.stop());
  return server.url('postgres');
}
