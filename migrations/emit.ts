/** Writes the list of migrations that a Worker bundles: it has no folder to read. */
import { readdirSync, writeFileSync } from 'node:fs';

const tags = readdirSync(new URL('sqlite/', import.meta.url))
  .filter((file) => file.endsWith('.sql'))
  .sort()
  .map((file) => file.slice(0, -'.sql'.length));

/** `0004_head` → `head4`. */
const variable = (tag: string): string => {
  const [number = '', ...words] = tag.split('_');
  return `${words.map((word, i) => (i === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join('')}${Number(number)}`;
};

writeFileSync(
  new URL('../api/store/migrations.worker.ts', import.meta.url),
  [
    '/** All migrations of SQLite, as the bundler includes them. `npm run migrations` generates this file. */',
    ...tags.map((tag) => `import ${variable(tag)} from '../../migrations/sqlite/${tag}.sql';`),
    "import type { Migration } from './migrate.ts';",
    '',
    'export const migrations: Migration[] = [',
    ...tags.map((tag) => `  { tag: '${tag}', sql: ${variable(tag)} },`),
    '];',
    '',
  ].join('\n'),
);
