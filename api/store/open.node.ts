import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../../wire/make-folder.node.ts';
import { WrongSetting } from '../../wire/wrong-setting.ts';
import { expressions, type Name } from './dialect.ts';
import { type Driver, Unavailable } from './driver.ts';
import { type Migration, migrate } from './migrate.ts';
import { openD1Binding } from './open-d1.node.ts';
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
 * @throws Error when the URL has another form, when the database cannot be opened, or when a newer version wrote it
 */
export async function openStore(url: string): Promise<Store> {
  const place = placeOf(url);
  return place.dialect === 'pg' ? openPostgres(url) : openSqlite(place.path);
}

/**
 * A database that is open but not migrated. Tools use it, and they can also open `d1:DB`. The API uses a store instead.
 */
export interface Database {
  dialect: Name;
  driver: Driver;
  migrations: Migration[];
}

/**
 * Opens a database without migrating it.
 *
 * @param url as for `openStore`, or `d1:` and the name of a binding
 * @param create whether to create a missing SQLite file
 * @throws Error as `openStore`, and when the file does not exist and `create` is false
 */
export async function openDatabase(url: string, { create = false } = {}): Promise<Database> {
  const binding = /^d1:(\w+)$/.exec(url)?.[1];
  if (binding !== undefined)
    return { dialect: 'sqlite', driver: await openD1Binding(binding), migrations: read('sqlite') };
  const place = placeOf(url);
  if (place.dialect === 'pg') {
    const config = readPostgresUrl(url);
    const { postgresDriver } = await postgres();
    const driver = postgresDriver(config);
    await driver.all('select 1', []).catch(async (error: unknown) => {
      await driver.close();
      throw explained(error, config);
    });
    return { dialect: 'pg', driver, migrations: read('pg') };
  }
  if (!create && !existsSync(place.path)) throw noDatabase(place.path);
  return { dialect: 'sqlite', driver: openFile(place.path), migrations: read('sqlite') };
}

/** Makes the error for a SQLite file that does not exist. */
export const noDatabase = (path: string): Error =>
  new Error(
    `There is no database '${path}'. Name the store with --store or GATEHOUSE_STORE, for example sqlite:.gatehouse/api.sqlite.`,
  );

type Place = { dialect: 'pg' } | { dialect: 'sqlite'; path: string };

/**
 * Parses the URL of a store.
 *
 * @throws WrongSetting when the URL is neither `sqlite:PATH` nor `postgres://…`
 */
export function placeOf(url: string): Place {
  if (/^postgres(ql)?:/.test(url)) return { dialect: 'pg' };
  const path = /^sqlite:(?!\/\/)(.+)$/.exec(url)?.[1];
  if (path !== undefined) return { dialect: 'sqlite', path };
  throw new WrongSetting(
    `The store URL '${shown(url)}' is not one this version opens: write sqlite:PATH, for example sqlite:.gatehouse/api.sqlite, or postgres://user:password@host:5432/database, in GATEHOUSE_STORE or after --store.`,
  );
}

/** Shortens a URL for an error message. It ends after the first colon, because a password may follow. */
const shown = (url: string): string => url.replace(/:.*$/s, ':…');

/**
 * Opens a read replica of a PostgreSQL store. The replica need not be reachable yet.
 *
 * @throws Error when the URL is not a PostgreSQL URL
 */
export async function openReplica(url: string): Promise<Store> {
  const config = readPostgresUrl(url);
  const { postgresDriver } = await postgres();
  return createStore('pg', postgresDriver(config));
}

/** Loads the driver, which an API on SQLite does not need. */
const postgres = () => import('./postgres.ts');

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
      makeFolder(dirname(path));
      // Only the owner may read a new file, and SQLite gives the log beside it the same mode. An existing file keeps
      // its mode.
      closeSync(openSync(path, 'a', 0o600));
    }
    return sqliteDriver(path);
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string };
    if (/^SQLITE_CORRUPT/.test(code))
      throw new Error(`'${path}' is damaged or incomplete (${message}). Use a complete backup.`, { cause: error });
    throw new Error(
      `SQLite does not open '${path}': ${(error as Error).message}. Expected a database file that this user may read and write, or a place to make one.`,
      { cause: error },
    );
  }
}

async function openPostgres(url: string): Promise<Store> {
  const config = readPostgresUrl(url);
  const { postgresDriver } = await postgres();
  const { PostgresNews } = await import('./postgres-news.ts');
  // The time limit is one hour. A migration may rewrite a large table, and other processes that start meanwhile wait
  // for it.
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

/**
 * Makes the error for a database that cannot be opened. Its message contains the server and the error of PostgreSQL or
 * of the network, but never the password.
 */
function explained(error: unknown, { connection: { host, port, database, user } }: PostgresConfig): unknown {
  if (!(error instanceof Unavailable)) return error;
  const why = error.cause instanceof Error ? error.cause.message : error.message;
  return new Error(
    `PostgreSQL at ${host}:${port} does not open the database '${database}' for '${user}': ${why}. Expected a server that runs, and a database this user may create tables in.`,
    { cause: error },
  );
}
