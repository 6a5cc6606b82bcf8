import initial from '../../migrations/sqlite/0000_initial.sql';
import retention from '../../migrations/sqlite/0001_retention.sql';
import listenerRejections from '../../migrations/sqlite/0002_listener_rejections.sql';
import standingRejections from '../../migrations/sqlite/0003_standing_rejections.sql';
import head from '../../migrations/sqlite/0004_head.sql';
import supersededRejections from '../../migrations/sqlite/0005_superseded_rejections.sql';
import { type D1Database, d1Driver } from './d1.ts';
import { migrate } from './migrate.ts';
import type { News } from './news.ts';
import { createStore, type Store } from './store.ts';

/** A Worker has no folder to read: each migration is named, and bundled. */
const migrations = [
  { tag: '0000_initial', sql: initial },
  { tag: '0001_retention', sql: retention },
  { tag: '0002_listener_rejections', sql: listenerRejections },
  { tag: '0003_standing_rejections', sql: standingRejections },
  { tag: '0004_head', sql: head },
  { tag: '0005_superseded_rejections', sql: supersededRejections },
];

/**
 * Opens a D1 database, migrating it when needed.
 *
 * @throws when a newer version wrote it
 */
export async function openD1(db: D1Database, news?: News): Promise<Store> {
  const driver = d1Driver(db);
  await migrate(driver, migrations);
  return createStore('sqlite', driver, news && { ...news, close: async () => {} });
}
