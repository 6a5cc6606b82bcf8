import { Problem } from './problem.ts';

/** The preconditions of a write on the object that it replaces. They compare ETags as texts. */
export interface Preconditions {
  /** The object must exist (`any`), or must have one of these ETags. */
  readonly ifMatch?: 'any' | readonly string[];
  /** The object must not exist (`any`), or must have none of these ETags. */
  readonly ifNoneMatch?: 'any' | readonly string[];
}

/** A version of an object, as its ETag names it. */
interface Version {
  /**
   * The version of a resource is the number of the revision that last changed it. The version of a tenant, a fleet or a
   * plan is the number of its updates.
   */
  version: number;
  /** When the object, or the tenant that contains it, was created, in milliseconds since 1970. */
  createdAt: number;
}

/**
 * Returns the ETag of a version, such as `"r12-mi4x0q7c"`. It is the same on every process of the API. The part after
 * the hyphen is the time of the creation, so that no ETag of a removed tenant, fleet or plan is one of a later object of
 * the same name.
 */
export const etag = ({ version, createdAt }: Version): string => `"r${version}-${createdAt.toString(36)}"`;

/**
 * Checks the preconditions of a write.
 *
 * @param current the current ETag of the object; undefined when the object does not exist
 * @throws Problem `precondition-failed`
 */
export function requirePreconditions({ ifMatch, ifNoneMatch }: Preconditions, current: string | undefined): void {
  if (ifMatch !== undefined && !includes(ifMatch, current))
    throw new Problem('precondition-failed', {
      detail:
        current === undefined
          ? 'If-Match was given, but it does not exist'
          : `If-Match names another version; it is ${current} now`,
    });
  if (ifNoneMatch !== undefined && includes(ifNoneMatch, current))
    throw new Problem('precondition-failed', {
      detail: `If-None-Match was given, but it exists as ${current!}`,
    });
}

const includes = (etags: 'any' | readonly string[], current: string | undefined): boolean =>
  current !== undefined && (etags === 'any' || etags.includes(current));
