import type { z } from 'zod';

/** Returns a check, for `superRefine`, that an object has exactly one of these fields. */
export const exactlyOne =
  (...fields: string[]) =>
  (value: object, context: z.core.$RefinementCtx) => {
    let count = 0;
    for (const field of fields) if ((value as Record<string, unknown>)[field] !== undefined) count++;
    if (count === 1) return;
    const present = fields.filter((field) => (value as Record<string, unknown>)[field] !== undefined);
    // When a field name is mistyped, Zod reports an unknown field. A second error about a missing field would not help.
    const mistyped =
      present.length === 0 && context.issues.some(({ code, path }) => code === 'unrecognized_keys' && !path?.length);
    if (!mistyped) {
      const found = present.length === 0 ? 'has none' : `has ${present.join(' and ')}`;
      context.addIssue({
        code: 'custom',
        message: `needs exactly one of ${fields.join(', ')}; ${found}`,
        params: { code: 'exactly-one' },
      });
    }
  };
