import { Problem } from './problem.ts';

/**
 * The preconditions of a write on the version of the object that it replaces. The version of a resource is the number
 * of the revision that last changed it. The version of a tenant or a fleet is the number of its updates.
 */
export interface Preconditions {
  /** The object must exist (`any`), or must have one of these versions. */
  readonly ifMatch?: 'any' | readonly number[];
  /** The object must not exist (`any`), or must have none of these versions. */
  readonly ifNoneMatch?: 'any' | readonly number[];
}

/** Returns the ETag of a version, such as `"r12"`. It is the same on every process of the API. */
export const etag = (version: number): string => `"r${version}"`;

/**
 * Checks the preconditions of a write.
 *
 * @param current the current version of the object; undefined when the object does not exist
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
