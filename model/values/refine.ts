import { z } from 'zod';

type Context = z.core.$RefinementCtx;

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

/**
 * A check of an object. As with {@link evenIfInvalid}, it runs even if a field is invalid, so it must expect that the
 * fields have any shape.
 */
export type WholeCheck = (value: Record<string, unknown>, context: Context) => void;

/**
 * Runs checks on a parsed value, if it is an object and no issue has ended its parsing (`abort`).
 *
 * It reports the same as calls of `superRefine`, which cost more than all else in the parsing of a rule: each stores a
 * closure in the object that is being parsed, and V8 then keeps these objects until it collects the old generation.
 */
export function checkWhole(payload: z.core.ParsePayload, checks: readonly WholeCheck[]): void {
  if (checks.length === 0 || !isObject(payload.value) || z.core.util.explicitlyAborted(payload)) return;
  const context = new CheckContext(payload);
  for (let index = 0; index < checks.length; index++) checks[index]!(payload.value, context);
}

class CheckContext implements Context {
  readonly #payload: z.core.ParsePayload;

  constructor(payload: z.core.ParsePayload) {
    this.#payload = payload;
  }

  get value() {
    // `checkWhole` skips other values.
    return this.#payload.value as Record<string, unknown>;
  }

  get issues() {
    return this.#payload.issues;
  }

  addIssue(issue: Parameters<Context['addIssue']>[0]) {
    const given = typeof issue === 'string' ? { code: 'custom', message: issue } : issue;
    this.issues.push({ input: this.value, continue: true, ...given } as z.core.$ZodRawIssue);
  }
}

/** Sorts a map by key, so that equal maps have equal JSON in whatever order they were written. */
export const sorted = <V>(map: Record<string, V>): Record<string, V> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Whether a value is an object, and neither null nor an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
