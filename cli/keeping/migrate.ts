import { existsSync } from 'node:fs';
import { levelOf, statementsOf } from '../../api/store/migrate.ts';
import { noDatabase, openStore, placeOf } from '../../api/store/open.node.ts';
import type { Answer } from '../command.ts';
import { storeUrl, withDatabase } from './database.ts';

export interface MigrateOptions {
  store?: string;
  dryRun?: boolean;
}

export async function migrate({ store, dryRun }: MigrateOptions): Promise<Answer> {
  const url = storeUrl(store);
  const place = placeOf(url);
  const isNew = place.dialect === 'sqlite' && !existsSync(place.path);
  if (isNew) {
    if (dryRun) throw noDatabase(place.path);
    await (await openStore(url)).close();
  }
  const { applied, pending } = await withDatabase(url, ({ driver, migrations }) => levelOf(driver, migrations));
  if (!dryRun && pending.length > 0) await (await openStore(url)).close();
  const tags = pending.map(({ tag }) => tag);
  const lines = [
    ...(isNew ? [`There was no database '${place.path}'. It was made.`] : []),
    ...applied.map((tag) => `there     ${tag}`),
    ...pending.flatMap((migration) => [
      `${dryRun ? 'to do' : 'done '}     ${migration.tag}`,
      ...(dryRun ? statementsOf(migration).map(({ sql }) => sql) : []),
    ]),
  ];
  return {
    text: lines.join('\n'),
    json: { applied, pending: tags, dryRun: dryRun === true, ...(isNew && { created: true }) },
  };
}
