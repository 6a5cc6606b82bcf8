import { z } from '@hono/zod-openapi';

/** A whole number in a query string. */
export const wholeNumber = (min: number, max: number, description: string) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .openapi({ type: 'integer', minimum: min, maximum: max, description });

/** A boolean in a query string. */
export const flag = (description: string) =>
  z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional()
    .openapi({ type: 'boolean', description });

export const pageQuery = {
  limit: wholeNumber(1, 500, 'Maximum number of items. Default: 100. A page of large items has fewer.').optional(),
  cursor: z.string().min(1).max(512).optional().openapi({ description: '`next` of the previous page; opaque.' }),
};

export const label = z
  .string()
  .max(256)
  .regex(/^[^=]+=[^=]*$/, 'must be key=value')
  .optional()
  .openapi({ description: 'Only items with this label, `key=value`.', example: 'team=checkout' });

export const prefix = z
  .string()
  .min(1)
  .max(63)
  .optional()
  .openapi({ description: 'Only items whose name starts with this text.' });
