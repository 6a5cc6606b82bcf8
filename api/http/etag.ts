import type { Preconditions } from '../version.ts';

/**
 * Parses the preconditions of a write (RFC 9110 §13.1). If-Match compares strongly, so a `W/` tag never matches.
 * If-None-Match compares weakly. A tag that this API never issued matches nothing.
 */
export function preconditionsOf(ifMatch: string | null, ifNoneMatch: string | null): Preconditions {
  return {
    ...(ifMatch !== null && { ifMatch: versions(ifMatch, strong) }),
    ...(ifNoneMatch !== null && { ifNoneMatch: versions(ifNoneMatch, weak) }),
  };
}

/** Whether the client already has the current version, so that the response is 304 (RFC 9110 §13.1.2). */
export function notModified(ifNoneMatch: string | null, current: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.trim() === '*' || tags(ifNoneMatch).some((tag) => tag.replace(/^W\//, '') === current);
}

const tags = (header: string): string[] => header.match(/(?:W\/)?"[^"]*"/g) ?? [];

const strong = /^"r(0|[1-9]\d{0,15})"$/;
const weak = /^(?:W\/)?"r(0|[1-9]\d{0,15})"$/;

const versions = (header: string, form: RegExp): 'any' | number[] =>
  header.trim() === '*'
    ? 'any'
    : tags(header)
        .flatMap((tag) => form.exec(tag)?.[1] ?? [])
        .map(Number);
