import { expect, it } from 'vitest';
import { PRODUCT, sourcesOf, textOf } from './imports.ts';

const LONGEST = 300;

/** Files that are longer than that today. The list may only shrink: split the file by concern and remove its line. */
const KNOWN = ['api/fleets/contract.ts'];

const longer = [...PRODUCT, 'bench'].flatMap(sourcesOf).filter((file) => textOf(file).split('\n').length > LONGEST + 1);

it(`no file is longer than ${LONGEST} lines`, () => {
  expect(longer.filter((file) => !KNOWN.includes(file))).toEqual([]);
});

it('every file in the list of longer ones is still longer', () => {
  expect(KNOWN.filter((file) => !longer.includes(file))).toEqual([]);
});
