import { expect, it } from 'vitest';
import { operations } from '../../api/app.ts';

const contracts = operations().map(({ contract }) => contract);
const namesIn = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

it('sees the operations that it judges', () => expect(contracts.length).toBeGreaterThan(20));

it.each(['tenant', 'fleet'])('an action on a %s is required only on a path that names one', (owner) => {
  // Only a path parameter of this name says whose resources the caller acts on.
  const astray = contracts.filter(
    ({ access, path }) => access.startsWith(`${owner}:`) && !namesIn(path).includes(owner),
  );
  expect(astray.map(({ operationId, access, path }) => `${operationId}: ${access} on ${path}`)).toEqual([]);
});

it('the parameters of every operation are those of its path', () => {
  const astray = contracts.filter(({ path, params }) => {
    const declared = Object.keys(params?.shape ?? {});
    return namesIn(path).toSorted().join() !== declared.toSorted().join();
  });
  expect(astray.map(({ operationId }) => operationId)).toEqual([]);
});
