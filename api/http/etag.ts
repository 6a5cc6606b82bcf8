import { Problem } from '../problem.ts';

/** What a write demands of the state it replaces. */
export interface Preconditions {
  ifMatch?: string;
  ifNoneMatch?: string;
}

/** `"r12"`: the revision that last changed the thing, so it is the same on every replica of the API. */
export const etag = (revision: number): string => `"r${revision}"`;

/**
 * RFC 9110 §13.1: If-Match by strong comparison (a `W/` tag never matches), If-None-Match by weak.
 *
 * @param current ETag of what is there now; undefined when nothing is
 * @throws Problem `precondition-failed`
 */
export function requirePreconditions({ ifMatch, ifNoneMatch }: Preconditions, current: string | undefined): void {
  if (
    ifMatch !== undefined &&
    !(ifMatch.trim() === '*' ? current !== undefined : current !== undefined && tags(ifMatch).includes(current))
  )
    throw new Problem('precondition-failed', {
      detail: current
        ? `If-Match names another version; it is ${current} now`
        : 'If-Match was given, but it does not exist',
    });
  if (ifNoneMatch !== undefined && matchesNone(ifNoneMatch, current))
    throw new Problem('precondition-failed', { detail: `If-None-Match was given, but it exists as ${current}` });
}

/** RFC 9110 §13.1.2: whether a read may be answered 304. */
export function notModified(ifNoneMatch: string | undefined, current: string): boolean {
  return ifNoneMatch !== undefined && matchesNone(ifNoneMatch, current);
}

function matchesNone(header: string, current: string | undefined): boolean {
  if (current === undefined) return false;
  return header.trim() === '*' || tags(header).some((tag) => tag.replace(/^W\//, '') === current);
}

const tags = (header: string): string[] => header.match(/(?:W\/)?"[^"]*"/g) ?? [];
