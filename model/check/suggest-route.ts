import type { Configuration } from '../configuration.ts';
import { suggest } from '../suggest.ts';
import { MAX_LISTED, type Violation } from '../violations.ts';

/**
 * Suggests a route with a name similar to a written one. The search reads the names of all routes, so only findings that
 * a response lists get a suggestion.
 *
 * @param from the route that contains the written name; it is never suggested
 * @param found the findings of the same kind so far
 */
export const suggestRoute = (
  configuration: Configuration,
  written: string,
  from: string,
  found: readonly Violation[],
): string | undefined =>
  found.length < MAX_LISTED
    ? suggest(
        written,
        configuration.names('route').filter((each) => each !== from),
      )
    : undefined;
