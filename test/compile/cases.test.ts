import { describe, expect, test } from 'vitest';
import { cases, compiled, written } from './case.ts';

// `UPDATE_CASES=1 npx vitest run test/compile` rewrites what is expected; a person reads the difference.
const update = process.env.UPDATE_CASES !== undefined;

describe('compiles', () => {
  test.each(cases().map((each) => [each.name, each] as const))('%s', (_, each) => {
    const actual = written(compiled(each.configuration));
    if (update) each.update(actual);
    else expect(actual, each.shows).toBe(each.expected);
  });
});
