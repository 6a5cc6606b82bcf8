import { expect, test } from 'vitest';
import { milliseconds } from '../../model/values/duration.ts';

test.each([
  ['1m30s', 90_000],
  ['0s', 0],
  ['1.5ms', 2],
  // An earlier version accepted these. Rounded to 0, they would mean no limit.
  ['0.4ms', 1],
  ['0.001ms', 1],
  ['5', undefined],
  ['', undefined],
  ['-1s', undefined],
])('%s is %s ms', (text, expected) => expect(milliseconds(text)).toBe(expected));
