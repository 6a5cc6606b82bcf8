/**
 * Makes a check of an object run even if one of its fields is invalid. Zod skips the check otherwise, and users would
 * not see every problem at once. Such a check must expect that its fields have any shape.
 *
 * @param guard returns whether the check can run on a value
 * @example schema.superRefine(check, evenIfInvalid(isObject))
 */
export const evenIfInvalid = (guard: (value: unknown) => boolean) => ({
  when: ({ value }: { value: unknown }) => guard(value),
});

/** Sorts a map by key, so that equal maps have equal JSON in whatever order they were written. */
export const sorted = <V>(map: Record<string, V>): Record<string, V> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Whether a value is an object, and neither null nor an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
