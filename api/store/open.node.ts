import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expressions, type Name } from './dialect.ts';
import { type Driver, Unavailable } from './driver.ts';
import { type Migration, migrate } from './migrate.ts';
import { openD1Binding } from './open-d1.node.ts';
import { postgresDriver } from './postgres.ts';
import { PostgresNews } from './postgres-news.ts';
import { type PostgresConfig, readPostgresUrl } from './postgres-url.ts';
import { sqliteDriver } from './sqlite.ts';
import { createStore, type Store } from './store.ts';

const MIGRATIONS = new URL('../../migrations/', import.meta.url);

function read(dialect: string): Migration[] {
  const folder = new URL(`${dialect}/`, MIGRATIONS);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ tag: file.slice(0, -'.sql'.length), sql: readFileSync(new URL(file, folder), 'utf8') }));
}

/**
 * Opens the database and migrates it if necessary. A missing SQLite file is created.
 *
 * @param url `sqlite:` and the path of a file, `sqlite::memory:`, or `postgres://…`
 * @throws when the URL is of another kind, the database cannot be opened, or a newer version wrote it
 */
export async function openStore(url: string): Promise<Store> {
  const place = placeOf(url);
  return place.dialect === 'pg' ? openPostgres(url) : openSqlite(place.path);
}

/** A database that is opened without a migration. For tools, which also open `d1:DB`; the API opens a store. */
export interface Database {
  dialect: Name;
  driver: Driver;
  migrations: Migration[];
}

/** @throws like `openStore`, and when there is no such file */
export async function openDatabase(url: string, { create = false } = {}): Promise<Database> {
  const binding = /^d1:(\w+)$/.exec(url)?.[1];
  if (binding !== undefined)
    return { dialect: 'sqlite', driver: await openD1Binding(binding), migrations: read('sqlite') };
  const place = placeOf(url);
  if (place.dialect === 'pg') {
    const config = readPostgresUrl(url);
    const driver = postgresDriver(config);
    await driver.all('select 1', []).catch(async (error: unknown) => {
      await driver.close();
      throw explained(error, config);
    });
    return { dialect: 'pg', driver, migrations: read('pg') };
  }
  if (!create && !existsSync(place.path)) throw new Error(`There is no database '${place.path}'.`);
  return { dialect: 'sqlite', driver: openFile(place.path), migrations: read('sqlite') };
}

type Place = { dialect: 'pg' } | { dialect: 'sqlite'; path: string };

/** @throws when a database of this kind of URL cannot be opened */
export function placeOf(url: string): Place {
  if (/^postgres(ql)?:/.test(url)) return { dialect: 'pg' };
  const path = /^sqlite:(?!\/\/)(.+)$/.exec(url)?.[1];
  if (path !== undefined) return { dialect: 'sqlite', path };
  throw new Error(
    `The store URL '${shown(url)}' is not one this version opens: write sqlite:PATH, for example sqlite:.gatehouse/api.sqlite, or postgres://user:password@host:5432/database, in GATEHOUSE_STORE or after --store.`,
  );
}

/** The URL up to its first colon, because a password may follow. */
const shown = (url: string): string => url.replace(/:.*$/s, ':…');

/**
 * A read replica of a PostgreSQL store. It need not be reachable yet.
 *
 * @throws when the URL is not one of PostgreSQL
 */
export const openReplica = (url: string): Store => createStore('pg', postgresDriver(readPostgresUrl(url)));

async function openSqlite(path: string): Promise<Store> {
  const driver = openFile(path);
  try {
    await migrate(driver, read('sqlite'));
  } catch (error) {
    await driver.close();
    throw error;
  }
  return createStore('sqlite', driver);
}

function openFile(path: string): Driver {
  try {
    if (path !== ':memory:') {
      mkdirSync(dirname(path), { recursive: true });
      // Only the owner may read a new file; the log beside it gets the same mode. An existing file keeps its mode.
      closeSync(openSync(path, 'a', 0o600));
    }
    return sqliteDriver(path);
  } catch (error) {
    throw new Error(
      `SQLite does not open '${path}': ${(error as Error).message}. Expected a database file that this user may read and write, or a place to make one.`,
      { cause: error },
    );
  }
}

async function openPostgres(url: string): Promise<Store> {
  const config = readPostgresUrl(url);
  // An hour: a migration may rewrite a large table, and other processes that start meanwhile wait for it.
  const patient = { ...config, connection: { ...config.connection, statement_timeout: 3_600_000 }, pool: 1 };
  const migrator = postgresDriver({ ...patient, statementTimeout: 3_600_000 });
  try {
    await migrate(migrator, read('pg'), [{ sql: expressions.pg.lock!, params: ['["migrations"]'] }]);
  } catch (error) {
    throw explained(error, config);
  } finally {
    await migrator.close();
  }
  return createStore('pg', postgresDriver(config), new PostgresNews(config));
}

/** The message names the server, and the error of PostgreSQL or of the network; never the password. */
function explained(error: unknown, { connection: { host, port, database, user } }: PostgresConfig): unknown {
  if (!(error instanceof Unavailable)) return error;
  const why = error.cause instanceof Error ? error.cause.message : error.message;
  return new Error(
    `PostgreSQL at ${host}:${port} does not open the database '${database}' for '${user}': ${why}. Expected a server that runs, and a database this user may create tables in.`,
    { cause: error },
  );
}
