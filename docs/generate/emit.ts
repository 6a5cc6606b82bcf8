/** Writes the generated pages. With `--check`, writes nothing and fails when a committed page is stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { PAGES } from './pages.ts';

for (const [name, text] of Object.entries(PAGES)) {
  const file = new URL(`../../${name}`, import.meta.url);
  if (!process.argv.includes('--check')) writeFileSync(file, text());
  else if (readFileSync(file, 'utf8') !== text()) {
    console.error(`${name} is stale: run npm run pages`);
    process.exitCode = 1;
  }
}
