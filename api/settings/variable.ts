import { z } from 'zod';

/** A whole number. */
export const whole = (fallback: number, min = 0) => {
  const error = `must be a whole number, ${min} or more; the default is ${fallback}`;
  return z.coerce.number(error).int(error).min(min, error).default(fallback);
};
/** The longest delay of a timer. JavaScript treats a longer delay as 1 ms. */
const LONGEST_MS = 2 ** 31 - 1;
/** A time in milliseconds, for a timer. */
export const ms = (fallback: number, min = 0) => {
  const error = `must be a whole number from ${min} to ${LONGEST_MS} (24 days); the default is ${fallback}`;
  return z.coerce.number(error).int(error).min(min, error).max(LONGEST_MS, error).default(fallback);
};
/** A number of days, which the settings contain in milliseconds. */
export const days = (fallback: number, description: string) =>
  whole(fallback)
    .transform((count) => count * 24 * 60 * 60 * 1000)
    .meta({ description, unit: 'days' });
