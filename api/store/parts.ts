/**
 * The maximum size of JSON in one parameter, in characters. One character needs at most three bytes, and D1 accepts 2
 * MB.
 */
export const PART = 600_000;

/**
 * Splits objects or strings into JSON arrays of at most `most` characters. An array with a single element may be
 * longer.
 */
export function parts(objects: readonly (object | string)[], most = PART): string[] {
  const made: string[] = [];
  let part: string[] = [];
  let length = 0;
  for (const json of objects.map((object) => JSON.stringify(object))) {
    if (length + json.length > most && part.length > 0) {
      made.push(`[${part.join()}]`);
      part = [];
      length = 0;
    }
    part.push(json);
    length += json.length + 1;
  }
  return part.length > 0 ? [...made, `[${part.join()}]`] : made;
}
