import { expect, it } from 'vitest';
import { PRODUCT, sourcesOf, textOf } from './imports.ts';

const LONGEST = 300;

it(`no file is longer than ${LONGEST} lines`, () => {
  const longer = [...PRODUCT, 'bench']
    .flatMap(sourcesOf)
    .filter((file) => textOf(file).split('\n').length > LONGEST + 1);
  expect(longer).toEqual([]);
});
