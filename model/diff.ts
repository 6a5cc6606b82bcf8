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
    if (found.length > most) return;
    if (before === undefined) found.push({ resource, path: pointer(path), operation: 'add', after });
    else if (after === undefined) found.push({ resource, path: pointer(path), operation: 'remove', before });
    else if (Array.isArray(before) && Array.isArray(after)) {
      for (let i = 0; i < Math.max(before.length, after.length); i++)
        if (mayDiffer(before[i], after[i])) compareBelow(i, before[i], after[i]);
    } else if (isObject(before) && isObject(after)) {
      for (const key of keysOf(before, after)) compareBelow(key, own(before, key), own(after, key));
    } else if (before !== after) found.push({ resource, path: pointer(path), operation: 'replace', before, after });
  }

  function compareBelow(key: PropertyKey, before: unknown, after: unknown): void {
    path.push(key);
    compareAt(before, after);
    path.pop();
  }
}

/** Returns the names of the members of two objects that may differ, sorted. */
function keysOf(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const keys: string[] = [];
  for (const key in before) if (mayDiffer(before[key], own(after, key))) keys.push(key);
  for (const key in after) if (!Object.hasOwn(before, key)) keys.push(key);
  return keys.length > 1 ? keys.sort() : keys;
}

/** Whether two values may differ. Lists of objects always may, because `compareAt` compares each item anyway. */
const mayDiffer = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) && isObject(a[0]) ? a !== b : !isSame(a, b);

/** Whether two JSON values are equal. Nearly all parts of a changed resource are, so this allocates no memory. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && areSame(a, b);
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  let more = 0;
  for (const key in left) {
    if (!Object.hasOwn(right, key) || !isSame(left[key], right[key])) return false;
    more++;
  }
  for (const _ in right) more--;
  return more === 0;
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!isSame(a[i], b[i])) return false;
  return true;
}
