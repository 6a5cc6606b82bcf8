import { env } from 'cloudflare:workers';
import { type D1Database, d1Driver } from '../../api/store/d1.ts';
import { openD1 } from '../../api/store/open.worker.ts';
import { describeStore } from './contract.ts';
import { describeInterleavings } from './interleavings.ts';
import { reused, SQLITE_TABLES, withOneStore } from './reused.ts';

const d1 = env.DB as D1Database;

/** As many stores on one database, as of that many isolates. */
const database = (isolates: number) =>
  reused(async () => {
    const stores = await Promise.all(Array.from({ length: isolates }, () => openD1(d1)));
    return { stores, driver: d1Driver(d1) };
  }, SQLITE_TABLES);

describeStore('D1', withOneStore(database(1)));
describeInterleavings('D1', database(3), 30);
