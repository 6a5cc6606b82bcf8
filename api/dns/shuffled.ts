/** Returns a list in a random order that nobody can predict. */
export function shuffled<T>(list: readonly T[]): T[] {
  const keys = crypto.getRandomValues(new Uint32Array(list.length));
  return list
    .map((each, index) => [keys[index]!, each] as const)
    .sort(([a], [b]) => a - b)
    .map(([, each]) => each);
}
