import { type D1Database, d1Driver } from './d1.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.worker.ts';
import type { News } from './news.ts';
import { createStore, type Store } from './store.ts';

/**
 * Opens a D1 database and migrates it if necessary.
 *
 * @throws Error when a newer version wrote it
 */
export async function openD1(db: D1Database, news?: News): Promise<Store> {
  const driver = d1Driver(db);
  await migrate(driver, migrations);
  return createStore('sqlite', driver, news && { ...news, close: async () => {} });
}
