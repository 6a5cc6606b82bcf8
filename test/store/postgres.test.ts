import { inject } from 'vitest';
import { openStore } from '../../api/store/open.node.ts';
import { postgresDriver } from '../../api/store/postgres.ts';
import { readPostgresUrl } from '../../api/store/postgres-url.ts';
import { copyOf } from '../postgres/server.ts';
import { describeStore } from './contract.ts';
import { describeInterleavings } from './interleavings.ts';
import { reused, withOneStore } from './reused.ts';

/** Databases with as many stores on each, as of that many processes. */
const databases = (processes: number, ...setup: string[]) =>
  reused(async () => {
    const url = await copyOf(inject('postgres')!);
    const driver = postgresDriver(readPostgresUrl(`${url}&pool=1`));
    await driver.batch(setup.map((sql) => ({ sql, params: [] })));
    const stores = await Promise.all(Array.from({ length: processes }, () => openStore(url)));
    return { stores, driver, close: () => driver.close() };
  }, "select tablename from pg_tables where schemaname = 'public'");

describeStore('PostgreSQL', withOneStore(databases(1)));

// Some commits come long after they got their numbers, others at once.
const late = databases(
  3,
  'create function late() returns trigger language plpgsql as $$ begin perform pg_sleep(random() * 0.008); return null; end $$',
  'create trigger late after insert on feed for each row execute function late()',
);
describeInterleavings('PostgreSQL', late, 30);
