import { expect, it } from 'vitest';
import { isOfFleets, isOfTenants } from '../../api/access/matrix.ts';
import { operations } from '../../api/app.ts';
import { openapiDocument } from '../../api/observe/document.ts';

const contracts = operations().map(({ contract }) => contract);
const namesIn = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
/** @returns the values that occur more than once */
const repeated = (values: string[]): string[] => values.filter((value, at) => values.indexOf(value) < at);

it('sees the operations that it judges', () => expect(contracts.length).toBeGreaterThan(20));

it('an action that a role in a tenant or fleet permits is required only on a path that names one', () => {
  // Only a path parameter of this name says whose resources the caller acts on.
  const astray = contracts.filter(({ access, path }) => {
    const names = namesIn(path);
    // A fleet may belong to a tenant.
    if (isOfTenants(access) && !names.includes('tenant') && !names.includes('fleet')) return true;
    return isOfFleets(access) && !names.includes('fleet');
  });
  expect(astray.map(({ operationId, access, path }) => `${operationId}: ${access} on ${path}`)).toEqual([]);
});

it('the parameters of every operation are those of its path', () => {
  const astray = contracts.filter(({ path, params }) => {
    const declared = Object.keys(params?.shape ?? {});
    return namesIn(path).toSorted().join() !== declared.toSorted().join();
  });
  expect(astray.map(({ operationId }) => operationId)).toEqual([]);
});

it('no two operations have the same method and path, or the same id', () => {
  // The first of two would answer, and the document would show the second.
  const places = contracts.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`);
  expect(repeated(places)).toEqual([]);
  expect(repeated(contracts.map(({ operationId }) => operationId))).toEqual([]);
});

it('every operation has a tag that the document describes, and operations with one tag describe it alike', () => {
  const described = openapiDocument(operations()).tags!;
  for (const { tag } of contracts.filter(({ isPage }) => !isPage)) expect(described).toContainEqual(tag);
  expect(repeated(described.map(({ name }) => name))).toEqual([]);
});

it('every POST that creates something documents idempotency keys', () => {
  const creating = contracts.filter(({ method, answers }) => method === 'post' && 201 in answers);
  const astray = creating.filter(({ headers = [] }) => !headers.includes('Idempotency-Key'));
  expect(astray.map(({ operationId }) => operationId)).toEqual([]);
});
