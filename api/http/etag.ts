import type { Preconditions } from '../version.ts';

/**
 * Parses the preconditions of a write (RFC 9110 §13.1). If-Match compares strongly, so a `W/` tag never matches.
 * If-None-Match compares weakly.
 */
export function preconditionsOf(ifMatch: string | null, ifNoneMatch: string | null): Preconditions {
  return {
    ...(ifMatch !== null && { ifMatch: isAny(ifMatch) ? 'any' : tags(ifMatch).filter((tag) => !tag.startsWith('W/')) }),
    ...(ifNoneMatch !== null && { ifNoneMatch: isAny(ifNoneMatch) ? 'any' : weakTags(ifNoneMatch) }),
  };
}

/** Whether the client already has the current version, so that the response is 304 (RFC 9110 §13.1.2). */
export const notModified = (ifNoneMatch: string | null, current: string): boolean =>
  ifNoneMatch !== null && (isAny(ifNoneMatch) || weakTags(ifNoneMatch).includes(current));

const isAny = (header: string): boolean => header.trim() === '*';

const tags = (header: string): string[] => header.match(/(?:W\/)?"[^"]*"/g) ?? [];

const weakTags = (header: string): string[] => tags(header).map((tag) => tag.replace(/^W\//, ''));
