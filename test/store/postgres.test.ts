import { afterAll, inject } from 'vitest';
import { openStore } from '../../api/store/open.node.ts';
import { postgresDriver } from '../../api/store/postgres.ts';
import { readPostgresUrl } from '../../api/store/postgres-url.ts';
import { copyOf } from '../postgres/server.ts';
import { describeStore } from './contract.ts';
import type { Database } from './fixtures.ts';

const KEPT = ['gatehouse_migration'];

/** Emptied databases: to delete what one test wrote is quicker than to copy a database for the next. */
const idle: Database[] = [];
const closing: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

async function open(): Promise<Database> {
  const url = await copyOf(inject('postgres')!);
  const store = await openStore(url);
  const driver = postgresDriver(readPostgresUrl(`${url}&pool=1`));
  closing.push(
    () => store.close(),
    () => driver.close(),
  );
  const tables = await driver.all("select tablename from pg_tables where schemaname = 'public'", []);
  const empty = tables
    .filter(([name]) => !KEPT.includes(name as string))
    .map(([name]) => ({ sql: `delete from ${name}`, params: [] }));
  const database = {
    store,
    drop: async () => {
      await driver.batch(empty);
      idle.push(database);
    },
  };
  return database;
}

describeStore('PostgreSQL', async () => idle.pop() ?? (await open()));
