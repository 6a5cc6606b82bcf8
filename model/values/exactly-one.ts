import type { z } from 'zod';

/** Refuses none and several of the fields that exclude each other. */
export const exactlyOne =
  (...fields: string[]) =>
  (value: object, context: z.core.$RefinementCtx) => {
    const present = fields.filter((field) => (value as Record<string, unknown>)[field] !== undefined);
    // A mistyped field is said to be unknown; that it is missing too would be noise.
    const mistyped =
      present.length === 0 && context.issues.some(({ code, path }) => code === 'unrecognized_keys' && !path?.length);
    if (present.length !== 1 && !mistyped) {
      const found = present.length === 0 ? 'has none' : `has ${present.join(' and ')}`;
      context.addIssue({
        code: 'custom',
        message: `needs exactly one of ${fields.join(', ')}; ${found}`,
        params: { code: 'exactly-one' },
      });
    }
  };
