import { afterAll, inject } from 'vitest';
import { openStore } from '../../api/store/open.node.ts';
import { postgresDriver } from '../../api/store/postgres.ts';
import { readPostgresUrl } from '../../api/store/postgres-url.ts';
import type { Store } from '../../api/store/store.ts';
import { copyOf } from '../postgres/server.ts';
import { describeStore } from './contract.ts';
import { describeInterleavings } from './interleavings.ts';

const KEPT = ['gatehouse_migration'];
const closing: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

interface Used {
  stores: Store[];
  /** Empties it and keeps it for the next: to delete what one test wrote is quicker than to copy a database. */
  drop(): Promise<void>;
}

/** Databases with as many stores on each, as of that many processes. */
function databases(processes: number, ...setup: string[]): () => Promise<Used> {
  const idle: Used[] = [];
  async function create(): Promise<Used> {
    const url = await copyOf(inject('postgres')!);
    const driver = postgresDriver(readPostgresUrl(`${url}&pool=1`));
    await driver.batch(setup.map((sql) => ({ sql, params: [] })));
    const stores = await Promise.all(Array.from({ length: processes }, () => openStore(url)));
    closing.push(() => driver.close(), ...stores.map((store) => () => store.close()));
    const tables = await driver.all("select tablename from pg_tables where schemaname = 'public'", []);
    const written = tables.map(([name]) => String(name)).filter((name) => !KEPT.includes(name));
    const empty = written.map((name) => ({ sql: `delete from ${name}`, params: [] }));
    const used: Used = {
      stores,
      async drop() {
        await driver.batch(empty);
        idle.push(used);
      },
    };
    return used;
  }
  return async () => idle.pop() ?? (await create());
}

const single = databases(1);
describeStore('PostgreSQL', async () => {
  const { stores, drop } = await single();
  return { store: stores[0]!, drop };
});

// Some commits come long after they got their numbers, others at once.
const late = databases(
  3,
  'create function late() returns trigger language plpgsql as $$ begin perform pg_sleep(random() * 0.008); return null; end $$',
  'create trigger late after insert on feed for each row execute function late()',
);
describeInterleavings('PostgreSQL', late, 30);
