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
      for (const each of compare(resourceName(kind, name), before.get(kind, name), after.get(kind, name)))
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

/**
 * Compares two values field by field.
 *
 * @param most the comparison stops when it has found more differences than this
 */
export function compare(
  resource: string,
  before: unknown,
  after: unknown,
  most = Number.POSITIVE_INFINITY,
): Difference[] {
  const found: Difference[] = [];
  /** The path to the values that `compareAt` compares. */
  const path: PropertyKey[] = [];
  compareAt(before, after);
  return found;

  function compareAt(before: unknown, after: unknown): void {
    if (before === after || found.length > most) return;
    if (before === undefined) found.push({ resource, path: pointer(path), operation: 'add', after });
    else if (after === undefined) found.push({ resource, path: pointer(path), operation: 'remove', before });
    else if (Array.isArray(before) && Array.isArray(after)) {
      for (let i = 0; i < Math.max(before.length, after.length); i++) compareBelow(i, before[i], after[i]);
    } else if (isObject(before) && isObject(after)) {
      for (const key of keysOf(before, after)) compareBelow(key, own(before, key), own(after, key));
    } else found.push({ resource, path: pointer(path), operation: 'replace', before, after });
  }

  function compareBelow(key: PropertyKey, before: unknown, after: unknown): void {
    if (isSame(before, after)) return;
    path.push(key);
    compareAt(before, after);
    path.pop();
  }
}

/** Whether two JSON values are equal. Nearly all parts of a changed resource are, so this allocates no memory. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((each, i) => isSame(each, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  for (const key in a) if (!isSame(a[key], own(b, key))) return false;
  for (const key in b) if (!Object.hasOwn(a, key)) return false;
  return true;
}

/** Returns the names of the members of two objects that are not the same value, sorted. */
function keysOf(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const keys: string[] = [];
  for (const key of Object.keys(before)) if (before[key] !== own(after, key)) keys.push(key);
  for (const key of Object.keys(after)) if (!Object.hasOwn(before, key)) keys.push(key);
  return keys.sort();
}
