import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { until } from '../e2e/process.ts';
import { EmbeddedPostgres } from './embedded.ts';

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
  /** Another server, which follows this one. */
  replicate(): Promise<Server>;
}

/**
 * PostgreSQL on a new, empty folder. It will not run as root, so there the user `postgres` is taken, or made.
 *
 * @param port part of the socket's name; a TCP port when flags say to listen
 */
export async function startServer(flags: string[] = [], port = 5432): Promise<Server> {
  const folder = newFolder();
  const server = serverIn(folder, flags, port);
  await server.initialise();
  await server.start();
  return running(folder, server, port);
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pg-'));
  // The server's user has to pass through it, and puts its socket there.
  chmodSync(folder, 0o777);
  return folder;
}

function serverIn(folder: string, flags: string[], port = 5432): EmbeddedPostgres {
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
  return new EmbeddedPostgres({
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
}

function running(folder: string, first: EmbeddedPostgres, port = 5432): Server {
  let server = first;
  return {
    socket: folder,
    uid: statSync(join(folder, 'data')).uid,
    url: (database) => `postgres://postgres:${encodeURIComponent(PASSWORD)}@localhost/${database}?host=${folder}`,
    async restart(more = []) {
      await server.stop();
      if (more.length > 0) server = serverIn(folder, more, port);
      await server.start();
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    async replicate() {
      const copy = newFolder();
      await server.stop();
      execFileSync('cp', ['-a', join(folder, 'data'), join(copy, 'data')]);
      await server.start();
      const follow = `primary_conninfo=host=${folder} port=${port} user=postgres password='${PASSWORD}'`;
      writeFileSync(join(copy, 'data', 'standby.signal'), '');
      const replica = serverIn(copy, ['-c', follow]);
      // Resolves at a line that a standby never writes: it is asked instead.
      replica.start().catch(() => {});
      const follower = running(copy, replica);
      await until('the standby', () => sql(follower.url('postgres'), 'select 1'));
      return follower;
    },
  };
}

/** Runs statements as a superuser, outside of any store. */
export async function sql(url: string, ...statements: string[]): Promise<unknown[]> {
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
