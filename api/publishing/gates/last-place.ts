import { resourceName, type Violation } from '../../../model/violations.ts';
import type { Change, Put } from '../heads/head.ts';

/**
 * Finds the last part of a change that counts towards a limit.
 *
 * @param placesOf lists the parts of a written resource that count, with JSON pointers inside its spec
 * @returns undefined when the change writes no such part
 */
export function lastPlace(
  changes: readonly Change[],
  placesOf: (change: Put) => readonly { path: string }[],
): Pick<Violation, 'resource' | 'path'> | undefined {
  for (const change of changes.toReversed()) {
    const last = change.verb === 'put' && placesOf(change).at(-1);
    if (last) return { resource: resourceName(change.kind, change.name), path: last.path };
  }
  return undefined;
}
