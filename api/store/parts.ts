/** Characters of JSON in one parameter: at most three bytes each, and D1 takes 2 MB. */
export const PART = 600_000;

/** Objects or strings as JSON arrays, none longer than `most` unless one of them is. */
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
