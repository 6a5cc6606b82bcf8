import { expect, test } from 'vitest';
import { RateLimit } from '../../../api/http/rate-limit.ts';

test('a clock that is set back refuses nobody who is within the limit', () => {
  const rate = new RateLimit(10, 20);
  const now = 1_700_000_000_000;
  rate.count('one', now);
  for (const back of [1_000, 60_000]) expect(() => rate.count('one', now - back)).not.toThrow();
});
