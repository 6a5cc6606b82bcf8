import { expect, it } from 'vitest';
import { sourcesOf, textOf } from './imports.ts';

it('one file alone writes the settings of filters on routes: Envoy takes the nearest entry as a whole', () => {
  const writers = sourcesOf('dataplane').filter((file) => textOf(file).includes('typedPerFilterConfig'));
  expect(writers).toEqual(['dataplane/compile/composite.ts']);
});
