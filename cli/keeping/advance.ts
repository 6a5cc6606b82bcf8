import { ADVANCE } from '../../api/keeping/advance.ts';
import { levelOf } from '../../api/store/migrate.ts';
import type { Answer } from '../command.ts';
import { requireUnused, storeUrl, withDatabase } from './database.ts';

export interface AdvanceOptions {
  store?: string;
}

export async function advance({ store }: AdvanceOptions): Promise<Answer> {
  const url = storeUrl(store);
  requireUnused(url);
  await withDatabase(url, async ({ driver, migrations }) => {
    await levelOf(driver, migrations);
    await driver.batch(ADVANCE.map((sql) => ({ sql, params: [] })));
  });
  return { text: 'every agent will read a snapshot', json: {} };
}
