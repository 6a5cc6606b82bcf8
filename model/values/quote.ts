/** The largest number of characters of a user's text that a message quotes. */
const QUOTED = 100;
/** The largest number of names that a message lists. */
const NAMED = 10;

/** Shortens a longer text to its first hundred characters and `…`. */
export const clipped = (text: string): string =>
  text.length > QUOTED ? `${text.slice(0, QUOTED).toWellFormed()}…` : text;

/** Writes a text as a JSON string, after {@link clipped}. */
export const quote = (text: string): string => JSON.stringify(clipped(text));

/**
 * Writes the first ten names, and the number of the others.
 *
 * @example enumerate(names) // 'a, b, c, d, e, f, g, h, i, j and 7 more'
 */
export function enumerate(names: readonly string[]): string {
  const listed = names.slice(0, NAMED).map(clipped).join(', ');
  return names.length > NAMED ? `${listed} and ${names.length - NAMED} more` : listed;
}
