import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Migration, migrate } from './migrate.ts';
import type { Store } from './port.ts';
import { sqliteDriver } from './sqlite.ts';
import { createStore } from './store.ts';

const MIGRATIONS = new URL('../../migrations/', import.meta.url);

function read(dialect: string): Migration[] {
  const folder = new URL(`${dialect}/`, MIGRATIONS);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ tag: file.slice(0, -'.sql'.length), sql: readFileSync(new URL(file, folder), 'utf8') }));
}

/**
 * Opens the database, creating and migrating it when needed.
 *
 * @param url `sqlite:` and the path of a file, or `sqlite::memory:`
 * @throws when the URL is of another kind, the file cannot be opened, or a newer version wrote it
 */
export async function openStore(url: string): Promise<Store> {
  const path = /^sqlite:(?!\/\/)(.+)$/.exec(url)?.[1];
  if (path === undefined) {
    throw new Error(
      `The database URL '${url}' is not one this version opens: write sqlite:PATH, for example sqlite:.gatehouse/gatehouse.db.`,
    );
  }
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true });
    // A new file is its owner's alone; the log beside it takes the same mode. One that exists keeps the mode it was given.
    closeSync(openSync(path, 'a', 0o600));
  }
  const driver = sqliteDriver(path);
  try {
    await migrate(driver, read('sqlite'));
  } catch (error) {
    await driver.close();
    throw error;
  }
  return createStore('sqlite', driver);
}
