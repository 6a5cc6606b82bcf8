import { ADVANCE } from '../../api/keeping/advance.ts';
import { levelOf } from '../../api/store/migrate.ts';
import { requireUnused, storeUrl, withDatabase } from './database.ts';

export interface AdvanceAsked {
  store?: string;
}

export async function advance({ store }: AdvanceAsked): Promise<void> {
  const url = storeUrl(store);
  requireUnused(url);
  await withDatabase(url, async ({ driver, migrations }) => {
    await levelOf(driver, migrations);
    await driver.batch(ADVANCE.map((sql) => ({ sql, params: [] })));
  });
  process.stdout.write('every agent will take a snapshot\n');
}
