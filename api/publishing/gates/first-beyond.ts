import { type Kind, kindIds, type SpecOf } from '../../../model/kinds/index.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';
import type { Head } from '../heads/head.ts';

/** A part of a resource that counts towards a limit. The path is a JSON pointer inside the spec. */
export type Part = [amount: number, path: string];

/**
 * Finds the part of the changed resources at which a limit is exceeded. It counts unchanged resources before changed
 * ones.
 *
 * @param room the limit without the amount of the whole state, which is negative
 * @param partsOf lists what each changed resource counts
 * @returns the place; the first changed resource when no single part exceeds the limit
 */
export function firstBeyond(
  head: Head,
  next: Head,
  room: number,
  partsOf: <K extends Kind>(kind: K, spec: SpecOf<K>, name: string) => Iterable<Part>,
): Pick<Violation, 'resource' | 'path'> {
  const changed: { resource: string; parts: Part[] }[] = [];
  for (const kind of kindIds)
    for (const [name, spec] of next.configuration.entries(kind))
      if (head.configuration.get(kind, name) !== spec)
        changed.push({ resource: resourceName(kind, name), parts: [...partsOf(kind, spec, name)] });
  let left = room;
  for (const { parts } of changed) for (const [amount] of parts) left += amount;
  for (const { resource, parts } of changed)
    for (const [amount, path] of parts) if (amount > 0 && (left -= amount) < 0) return { resource, path };
  return { resource: changed[0]?.resource ?? 'routes', path: '' };
}
