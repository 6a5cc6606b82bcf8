/**
 * Zod skips a check of an object when one of its fields has already failed. We want every problem at once, so such
 * checks run always and look at their fields with the suspicion due to input.
 */
export const evenIfInvalid = (guard: (value: unknown) => boolean) => ({
  when: ({ value }: { value: unknown }) => guard(value),
});

/** A map by key, so that equal ones are equal JSON whatever the order they were written in. */
export const sorted = <V>(map: Record<string, V>): Record<string, V> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Whether a value is an object with members: neither null nor an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
