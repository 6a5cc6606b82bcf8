import { Pace } from './pace.ts';
import { Problem } from './problem.ts';

export function labelPair(value: string | undefined): { label?: [string, string] } {
  if (value === undefined) return {};
  const at = value.indexOf('=');
  return { label: [value.slice(0, at), value.slice(at + 1)] };
}

/** Rows per read, because a row may be as large as a request's body. */
const PIECE = 25;
/** Approximate bytes per page. A page of larger rows ends early. */
const LARGEST = 2_000_000;

/**
 * Reads one row more than asked for, to know whether a next page exists. A page of large rows has fewer of them.
 *
 * @param keyOf what the next page starts after
 * @param sizeOf of a row in bytes, roughly, where rows may be large
 */
export async function page<T>(
  query: { limit?: number | undefined; cursor?: string | undefined },
  read: (page: { limit: number; after?: string }) => Promise<T[]>,
  keyOf: (row: T) => string,
  sizeOf?: (row: T) => number,
): Promise<{ items: T[]; next?: string }> {
  const most = (query.limit ?? 100) + 1;
  const pace = new Pace();
  const rows: T[] = [];
  let after = query.cursor === undefined ? undefined : open(query.cursor);
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

const upTo = <T>(items: T[], keyOf: (row: T) => string) => ({ items, next: seal(keyOf(items.at(-1)!)) });

const seal = (key: string): string => btoa(`1:${key}`).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

function open(cursor: string): string {
  try {
    const text = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    if (/^1:[ -~]+$/.test(text)) return text.slice(2);
  } catch {
    // Not base64: reported below, like every other cursor that the API did not issue.
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
