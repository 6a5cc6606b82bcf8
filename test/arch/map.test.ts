import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { PRODUCT, ROOT, sourcesOf } from './imports.ts';

const page = readFileSync(join(ROOT, 'docs/ARCHITECTURE.md'), 'utf8');
const table = page.slice(page.indexOf('## Where things are'));
const listed = [...table.matchAll(/^\|(.+?)\|/gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`([\w-]+(?:\/[\w-]+)*)\/`/g)].map(([, folder = '']) => folder),
);

it('lists every top folder, and every second one of the product that holds sources', () => {
  const top = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(({ name }) => name);
  const second = PRODUCT.flatMap(sourcesOf).map((file) => dirname(file).split('/').slice(0, 2).join('/'));
  const isListed = (folder: string) => listed.some((one) => one === folder || one.startsWith(`${folder}/`));
  expect([...new Set([...top, ...second])].filter((folder) => !isListed(folder))).toEqual([]);
});

it('lists no folder that does not exist', () => {
  const missing = listed.filter((folder) => {
    try {
      return readdirSync(join(ROOT, folder)).length === 0;
    } catch {
      return true;
    }
  });
  expect(missing).toEqual([]);
});
