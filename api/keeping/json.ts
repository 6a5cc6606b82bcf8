/** Parses the value of a JSON column. Returns undefined when it is damaged. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
