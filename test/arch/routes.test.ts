import { expect, it } from 'vitest';
import { importsOf, sourcesOf } from './imports.ts';

it('every file with routes is bound by the app', () => {
  const files = sourcesOf('api').filter((file) => /\/([\w-]+-)?routes\.ts$/.test(file));
  const bound = importsOf('api').filter(({ from }) => from === 'api/app.ts');
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !bound.some(({ to }) => to === file))).toEqual([]);
});
