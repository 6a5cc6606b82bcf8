import { Pace } from './pace.ts';
import { Problem } from './problem.ts';

export function labelPair(value: string | undefined): { label?: [string, string] } {
  if (value === undefined) return {};
  const at = value.indexOf('=');
  return { label: [value.slice(0, at), value.slice(at + 1)] };
}

/** The number of rows per read. It is small, because a row may be as large as the body of a request. */
const PIECE = 25;
/** The approximate maximum size of a page, in bytes. A page of large rows has fewer rows. */
const LARGEST = 2_000_000;

/**
 * Reads one page of a list. It reads one row more than requested, to find out whether a next page exists. A page of
 * large rows has fewer rows.
 *
 * @param keyOf returns the key of a row, after which the next page begins
 * @param sizeOf returns the approximate size of a row in bytes, for lists whose rows may be large
 * @param form the form of the keys; default: any text
 */
export async function page<T>(
  query: { limit?: number | undefined; cursor?: string | undefined },
  read: (page: { limit: number; after?: string }) => Promise<T[]>,
  keyOf: (row: T) => string,
  sizeOf?: (row: T) => number,
  form?: RegExp,
): Promise<{ items: T[]; next?: string }> {
  const most = (query.limit ?? 100) + 1;
  const pace = new Pace();
  const rows: T[] = [];
  let after = query.cursor === undefined ? undefined : keyIn(query.cursor, form);
  let size = 0;
  for (;;) {
    const limit = Math.min(most - rows.length, sizeOf ? PIECE : most);
    const piece = await read({ limit, ...(after !== undefined && { after }) });
    for (const row of piece) {
      rows.push(row);
      size += sizeOf?.(row) ?? 0;
      // The row that exceeds the limit begins the next page, unless it is the first.
      if (rows.length === most || (size > LARGEST && rows.length > 1)) return upTo(rows.slice(0, -1), keyOf);
    }
    if (piece.length < limit) return { items: rows };
    after = keyOf(rows.at(-1)!);
    if (pace.isDue) await pace.rest();
  }
}

const upTo = <T>(items: T[], keyOf: (row: T) => string) => ({ items, next: sealed(keyOf(items.at(-1)!)) });

/** Makes the cursor of a key. */
export const sealed = (key: string): string =>
  btoa(`1:${key}`).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/**
 * Returns the key in a cursor.
 *
 * @param form the form of the keys of the list
 * @throws Problem `invalid-request` when the API did not issue this cursor
 */
export function keyIn(cursor: string, form = /^[ -~]+$/): string {
  try {
    const text = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    if (text.startsWith('1:') && form.test(text.slice(2))) return text.slice(2);
  } catch {
    // The cursor is not base64. The code below rejects it, like every cursor that the API did not issue.
  }
  throw invalidCursor();
}

/** Makes the problem for a cursor that the API did not issue. */
export const invalidCursor = (): Problem =>
  new Problem('invalid-request', {
    violations: [
      {
        path: '/cursor',
        code: 'invalid-cursor',
        message: 'is not a cursor of this list; take `next` of the page before',
      },
    ],
  });
