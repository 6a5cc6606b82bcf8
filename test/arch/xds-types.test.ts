import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { types } from '../../dataplane/serve/types/index.ts';
import { ROOT } from './imports.ts';

it('every file of an xDS type is in the tuple, under the name of its file', () => {
  const files = readdirSync(join(ROOT, 'dataplane/serve/types')).map((file) => file.replace(/\.ts$/, ''));
  expect(types.map(({ id }) => id).sort()).toEqual(files.filter((file) => file !== 'index').sort());
});

it('no two types have one URL', () => {
  expect(new Set(types.map(({ url }) => url)).size).toBe(types.length);
});

it('every type that a change of a tenant affects records whose its names are', () => {
  const affected = types.filter(({ isChangedBy }) => !/^\(\)\s*=>\s*false$/.test(String(isChangedBy)));
  expect(affected.length).toBeGreaterThan(0);
  // Without an owner, a name is never marked again: the client keeps the first version.
  const owning = (id: string) => readFileSync(join(ROOT, `dataplane/serve/types/${id}.ts`), 'utf8').includes('.own(');
  expect(affected.map(({ id }) => id).filter((id) => !owning(id))).toEqual([]);
});
