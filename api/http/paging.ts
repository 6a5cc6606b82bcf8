import { z } from '@hono/zod-openapi';
import { Problem } from './problem.ts';

/** A whole number in a query string. */
export const whole = (min: number, max: number, description: string) =>
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
  limit: whole(1, 500, 'How many at most; 100 when not given.').optional(),
  cursor: z.string().min(1).max(512).optional().openapi({ description: '`next` of the page before; opaque.' }),
};

export const label = z
  .string()
  .max(256)
  .regex(/^[^=]+=[^=]*$/, 'must be key=value')
  .optional()
  .openapi({ description: 'Only those that carry this label, `key=value`.', example: 'team=checkout' });

export const prefix = z.string().min(1).max(63).optional().openapi({ description: 'Only those whose name starts so.' });

export function labelPair(value: string | undefined): { label?: [string, string] } {
  if (value === undefined) return {};
  const at = value.indexOf('=');
  return { label: [value.slice(0, at), value.slice(at + 1)] };
}

/**
 * Reads one row more than asked for, to know whether a next page exists.
 *
 * @param keyOf what the next page starts after
 */
export async function page<T>(
  query: { limit?: number | undefined; cursor?: string | undefined },
  read: (page: { limit: number; after?: string }) => Promise<T[]>,
  keyOf: (row: T) => string,
): Promise<{ items: T[]; next?: string }> {
  const limit = query.limit ?? 100;
  const after = query.cursor === undefined ? {} : { after: open(query.cursor) };
  const rows = await read({ limit: limit + 1, ...after });
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last !== undefined ? { items, next: seal(keyOf(last)) } : { items };
}

const seal = (key: string): string => btoa(`1:${key}`).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

function open(cursor: string): string {
  try {
    const text = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    if (/^1:[ -~]+$/.test(text)) return text.slice(2);
  } catch {
    // Not base64: told below like any other cursor that is not ours.
  }
  throw new Problem('invalid-request', {
    violations: [
      {
        path: '/cursor',
        code: 'invalid-cursor',
        message: 'is not a cursor of this list; take `next` of the page before',
      },
    ],
  });
}
