/** Writes `settings.md`. With `--check`, writes nothing and fails when the committed page is stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { settingsPage } from './settings-page.ts';

const file = new URL('settings.md', import.meta.url);
if (!process.argv.includes('--check')) writeFileSync(file, settingsPage());
else if (readFileSync(file, 'utf8') !== settingsPage()) {
  console.error('docs/settings.md is stale: run npm run settings');
  process.exitCode = 1;
}
