import { env } from 'cloudflare:workers';
import { type D1Database, d1Driver } from '../../api/store/d1.ts';
import { openD1 } from '../../api/store/open.worker.ts';
import { describeStore } from './contract.ts';
import { describeInterleavings } from './interleavings.ts';

const d1 = env.DB as D1Database;
const KEPT = ['gatehouse_migration', 'sqlite_sequence'];

/** As many stores on one database, as of that many isolates. It is emptied afterwards: that is quicker than another one. */
async function database(isolates: number) {
  const stores = await Promise.all(Array.from({ length: isolates }, () => openD1(d1)));
  const driver = d1Driver(d1);
  const tables = await driver.all(
    "select name from sqlite_master where type = 'table' and name not like '\\_cf%' escape '\\'",
    [],
  );
  const written = tables.map(([name]) => String(name)).filter((name) => !KEPT.includes(name));
  const drop = async () =>
    void (await driver.batch(written.map((name) => ({ sql: `delete from ${name}`, params: [] }))));
  return { stores, drop };
}

describeStore('D1', async () => {
  const { stores, drop } = await database(1);
  return { store: stores[0]!, drop };
});

describeInterleavings('D1', () => database(3), 30);
