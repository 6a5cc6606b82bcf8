import { expect, test } from 'vitest';
import { sourcesOf, textOf } from './imports.ts';

/** Folders whose exports the rest of the product uses without reading how they work. */
const DOCUMENTED = ['model', 'dataplane/compile', 'api/publishing'];

/** An exported function, class, interface or type; of constants, those that hold a function. */
const DECLARED =
  /^export (?:(?:abstract |async )?(?:function\*? ?|class |interface |type )(\w+)|const (\w+)(?:: [^=]+)? = (?:async )?(?:\(|<|function))/;

/** A type inferred from a schema shares the name and the description of the schema. */
const INFERRED = /^export type \w+ = z\.(?:infer|input|output)</;

/** @returns the name of each exported declaration that has no docstring right above it */
export function undocumented(source: string): string[] {
  const lines = source.split('\n');
  return lines.flatMap((line, at) => {
    const [, declared, constant] = DECLARED.exec(line) ?? [];
    const name = declared ?? constant;
    if (name === undefined || INFERRED.test(line)) return [];
    let above = at - 1;
    while (lines[above]?.startsWith('// biome-ignore')) above--;
    return lines[above]?.endsWith('*/') ? [] : [name];
  });
}

test('finds exports without a docstring', () => {
  const source = [
    ...['/** The file. */', '', 'export class A {}', '/** Says what. */', 'export function b() {}'],
    ...['export function* c() {}', 'export async function d() {}', 'export const e = (x: number) => x;'],
    ...['export const f: Check = function* () {}', 'export const g = <T>(x: T) => x;', 'export interface H {}'],
    ...['export const LIMIT = 5;', 'export type I = z.infer<typeof I>;', 'function j() {}'],
  ];
  expect(undocumented(source.join('\n'))).toEqual(['A', 'c', 'd', 'e', 'f', 'g', 'H']);
});

test.each(DOCUMENTED)('every exported function, class and type of %s has a docstring', (folder) => {
  const sources = sourcesOf(folder);
  expect(sources).not.toEqual([]);
  expect(sources.flatMap((file) => undocumented(textOf(file)).map((name) => `${file} ${name}`))).toEqual([]);
});
