/**
 * Searches for the smallest value for which `fails` still holds. It removes members and items, and halves texts.
 *
 * @param fails true for `value`
 */
export async function shrink<T>(value: T, fails: (smaller: T) => Promise<boolean>): Promise<T> {
  let smallest = value;
  for (let found = true; found; ) {
    found = false;
    for (const smaller of smallerOnes(smallest)) {
      if (!(await fails(smaller as T))) continue;
      smallest = smaller as T;
      found = true;
      break;
    }
  }
  return smallest;
}

function* smallerOnes(value: unknown): Generator<unknown> {
  if (typeof value === 'string') {
    const middle = Math.ceil(value.length / 2);
    if (value.length > 1) yield* [value.slice(0, middle), value.slice(middle), value.slice(1), value.slice(0, -1)];
  } else if (Array.isArray(value)) {
    for (const index of value.keys()) yield value.toSpliced(index, 1);
    for (const [index, item] of value.entries())
      for (const smaller of smallerOnes(item)) yield value.with(index, smaller);
  } else if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value);
    for (const index of members.keys()) yield Object.fromEntries(members.toSpliced(index, 1));
    for (const [index, [key, item]] of members.entries())
      for (const smaller of smallerOnes(item)) yield Object.fromEntries(members.with(index, [key, smaller]));
  }
}
