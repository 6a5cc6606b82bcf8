import { commits } from './commit.ts';
import { configuration } from './configuration.ts';
import type { Name } from './dialect.ts';
import type { Driver } from './driver.ts';
import { feeds } from './feeds.ts';
import { fleets } from './fleets.ts';
import { idempotency } from './idempotency.ts';
import { nodes } from './nodes.ts';
import type { News, Store } from './port.ts';
import { kit as kitOf } from './query.ts';
import { rejections } from './rejections.ts';
import { retention } from './retention.ts';
import { tenants } from './tenants.ts';
import { tokens } from './tokens.ts';
import { probe, watchWrites } from './writable.ts';

/** Where one process has the database to itself, or the others look often enough. */
const nobody: News & { close(): Promise<void> } = { tell: () => {}, listen: () => {}, close: async () => {} };

/** The store over a driver whose database is migrated. */
export function createStore(dialect: Name, opened: Driver, news = nobody): Store {
  const { driver, isFailing } = watchWrites(opened);
  const kit = kitOf(dialect, driver);
  const write = probe(kit);
  return {
    ...tenants(kit),
    ...tokens(kit),
    ...configuration(kit),
    ...commits(kit),
    ...fleets(kit),
    ...feeds(kit),
    ...nodes(kit),
    ...rejections(kit),
    ...idempotency(kit),
    ...retention(kit),
    news,
    ping: async () => {
      if (isFailing()) await write();
      else await driver.all('select 1', []);
    },
    close: async () => {
      await news.close();
      await driver.close();
    },
  };
}
