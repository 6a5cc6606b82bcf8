import { readdirSync } from 'node:fs';
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
