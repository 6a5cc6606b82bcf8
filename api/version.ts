import { Problem } from './problem.ts';

/**
 * What a write requires of the version of the thing that it replaces. A version is the number of the revision that last
 * changed a resource, or the count of updates of a tenant or a fleet.
 */
export interface Preconditions {
  /** The thing exists (`any`), or has one of these versions. */
  readonly ifMatch?: 'any' | readonly number[];
  /** The thing does not exist (`any`), or has none of these versions. */
  readonly ifNoneMatch?: 'any' | readonly number[];
}

/** A version as clients see it, `"r12"`: the same on every process of the API. */
export const etag = (version: number): string => `"r${version}"`;

/**
 * @param current version of the thing as it is now; undefined when there is none
 * @throws Problem `precondition-failed`
 */
export function requirePreconditions({ ifMatch, ifNoneMatch }: Preconditions, current: number | undefined): void {
  if (ifMatch !== undefined && !includes(ifMatch, current))
    throw new Problem('precondition-failed', {
      detail:
        current === undefined
          ? 'If-Match was given, but it does not exist'
          : `If-Match names another version; it is ${etag(current)} now`,
    });
  if (ifNoneMatch !== undefined && includes(ifNoneMatch, current))
    throw new Problem('precondition-failed', {
      detail: `If-None-Match was given, but it exists as ${etag(current!)}`,
    });
}

const includes = (versions: 'any' | readonly number[], current: number | undefined): boolean =>
  current !== undefined && (versions === 'any' || versions.includes(current));
