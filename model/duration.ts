import { z } from 'zod';

const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const whole = /^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h))+$/;
const DAY = 24 * unit.h;

/** `1m30s` → 90000; undefined when it is not a duration. */
export function milliseconds(text: string): number | undefined {
  if (!whole.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, name] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    sum += Number(amount) * unit[name as keyof typeof unit];
  return Math.round(sum);
}

export const Duration = z
  .string()
  .max(32)
  .refine((text) => milliseconds(text) !== undefined, {
    error: 'must be a duration such as 500ms, 5s or 1m30s',
    abort: true,
  })
  .refine((text) => (milliseconds(text) ?? 0) <= DAY, 'must be at most 24h')
  .meta({ id: 'Duration', description: 'A duration: `500ms`, `5s`, `1m30s`; at most 24h.', example: '5s' });
