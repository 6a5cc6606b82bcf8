/** Finds the differences between two configurations, field by field. */
import type { Configuration } from './configuration.ts';
import { kindIds } from './kinds/index.ts';
import { type Pausable, withoutPauses } from './pausable.ts';
import { own } from './values/own.ts';
import { pointer } from './values/pointer.ts';
import { isObject } from './values/refine.ts';
import { resourceName } from './violations.ts';

/** One field, list item or resource that differs between two configurations. */
export interface Difference {
  /** `routes/reviews`. */
  resource: string;
  /** JSON pointer inside the spec. Empty when the whole resource was added or removed. */
  path: string;
  operation: 'add' | 'remove' | 'replace';
  before?: unknown;
  after?: unknown;
}

/**
 * Compares two configurations field by field. It pauses once per resource.
 *
 * @returns the differences, ordered by kind, resource name, and field name or list index. List items with the same
 *   index are compared
 */
export function* diffing(before: Configuration, after: Configuration): Pausable<Difference[]> {
  const differences: Difference[] = [];
  for (const kind of kindIds) {
    if (before.shares(kind, after)) continue;
    for (const name of [...new Set([...before.names(kind), ...after.names(kind)])].sort()) {
      yield;
      for (const each of compare(resourceName(kind, name), [], before.get(kind, name), after.get(kind, name)))
        differences.push(each);
    }
  }
  return differences;
}

/**
 * The same as {@link diffing}, without pauses.
 *
 * @example diff(before, after) // [{ resource: 'routes/shop', path: '/http/0/timeout', operation: 'replace', … }]
 */
export const diff = (before: Configuration, after: Configuration): Difference[] =>
  withoutPauses(diffing(before, after));

/** Compares two values field by field, and yields the differences one at a time. */
export function* compare(
  resource: string,
  path: PropertyKey[],
  before: unknown,
  after: unknown,
): Generator<Difference> {
  if (before === after) return;
  if (before === undefined) yield { resource, path: pointer(path), operation: 'add', after };
  else if (after === undefined) yield { resource, path: pointer(path), operation: 'remove', before };
  else if (Array.isArray(before) && Array.isArray(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++)
      yield* compare(resource, [...path, i], before[i], after[i]);
  } else if (isObject(before) && isObject(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort())
      yield* compare(resource, [...path, key], own(before, key), own(after, key));
  } else yield { resource, path: pointer(path), operation: 'replace', before, after };
}
