import { existsSync } from 'node:fs';
import { levelOf, statementsOf } from '../../api/store/migrate.ts';
import { openStore, placeOf } from '../../api/store/open.node.ts';
import { storeUrl, withDatabase } from './database.ts';

export interface MigrateAsked {
  store?: string;
  dryRun?: boolean;
  json?: boolean;
}

export async function migrate({ store, dryRun, json }: MigrateAsked): Promise<void> {
  const url = storeUrl(store);
  const place = placeOf(url);
  if (place.dialect === 'sqlite' && !existsSync(place.path)) {
    if (dryRun) throw new Error(`There is no database '${place.path}'.`);
    await (await openStore(url)).close();
  }
  const { applied, pending } = await withDatabase(url, ({ driver, migrations }) => levelOf(driver, migrations));
  if (!dryRun && pending.length > 0) await (await openStore(url)).close();
  const tags = pending.map(({ tag }) => tag);
  if (json)
    return void process.stdout.write(`${JSON.stringify({ applied, pending: tags, dryRun: dryRun === true })}\n`);
  for (const tag of applied) process.stdout.write(`there     ${tag}\n`);
  for (const migration of pending) {
    process.stdout.write(`${dryRun ? 'to do' : 'done '}     ${migration.tag}\n`);
    if (dryRun) for (const { sql } of statementsOf(migration)) process.stdout.write(`${sql}\n`);
  }
}
