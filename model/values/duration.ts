import { z } from 'zod';

const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const whole = /^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h))+$/;
const DAY = 24 * unit.h;

/**
 * Reads a duration as whole milliseconds, as Envoy counts. Envoy reads 0 as no limit, so a duration above 0 is never
 * rounded to 0.
 *
 * @returns undefined when the text is not a duration
 * @example milliseconds('1m30s') // 90000
 * @example milliseconds('0.1ms') // 1
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
  .string({
    error: ({ input }) => (typeof input === 'number' ? `a duration is a text with a unit: "${input}s"` : undefined),
  })
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

/** The schema of durations that must not be 0. */
export const PositiveDuration = Duration.refine((text) => exactly(text) !== 0, 'must be at least 1ms');
