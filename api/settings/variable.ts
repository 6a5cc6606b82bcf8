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

/**
 * Whether a text is the URL of a service that the API calls: written out, without a fragment, and without a user and a
 * password, which would appear in errors. `URL` alone accepts spaces and line breaks, and removes them.
 *
 * @param schemes the accepted schemes, such as `https`
 */
export function isServiceUrl(text: string, schemes: readonly string[]): boolean {
  const scheme = schemes.find((each) => text.toLowerCase().startsWith(`${each}://`));
  if (scheme === undefined || !/^\w+:\/\/[^/\\][!-~]*$/.test(text)) return false;
  const url = URL.parse(text);
  return url !== null && url.username === '' && url.password === '' && !text.includes('#');
}
