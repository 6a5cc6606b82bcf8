/** Most characters of a user's text quoted in a message. */
const QUOTED = 100;
/** Most names listed in a message. */
const NAMED = 10;

/** The text, or its first hundred characters. */
export const clipped = (text: string): string =>
  text.length > QUOTED ? `${text.slice(0, QUOTED).toWellFormed()}…` : text;

/** The same as a JSON string. */
export const quote = (text: string): string => JSON.stringify(clipped(text));

/** `a, b, c and 7 more`. */
export function enumerate(names: readonly string[]): string {
  const listed = names.slice(0, NAMED).map(clipped).join(', ');
  return names.length > NAMED ? `${listed} and ${names.length - NAMED} more` : listed;
}
