import { z } from 'zod';

const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const whole = /^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h))+$/;
const DAY = 24 * unit.h;

/**
 * `1m30s` → 90000; undefined when it is not a duration. Envoy counts whole milliseconds and reads 0 as no limit, so
 * values above 0 are rounded up to at least 1.
 */
export function milliseconds(text: string): number | undefined {
  const exact = exactly(text);
  return exact === undefined || exact === 0 ? exact : Math.max(1, Math.round(exact));
}

function exactly(text: string): number | undefined {
  if (!whole.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, name] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    sum += Number(amount) * unit[name as keyof typeof unit];
  return sum;
}

export const Duration = z
  .string()
  .max(32, { abort: true })
  .refine((text) => exactly(text) !== undefined, {
    error: 'must be a duration such as 500ms, 5s or 1m30s',
    abort: true,
  })
  .refine((text) => (exactly(text) ?? 0) <= DAY, 'must be at most 24h')
  .refine((text) => exactly(text) === 0 || (exactly(text) ?? 0) >= 1, 'must be 0s or at least 1ms')
  .meta({
    id: 'Duration',
    description: 'A duration: `500ms`, `5s`, `1m30s`; at least 1ms (or `0s`), at most 24h, rounded to milliseconds.',
    example: '5s',
  });

/** For durations where 0 makes no sense. */
export const PositiveDuration = Duration.refine((text) => exactly(text) !== 0, 'must be at least 1ms');
