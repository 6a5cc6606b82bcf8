import { parse } from '../../../model/violations.ts';
import type { Spec } from './bodies.ts';

const ROUNDS = 8;

/**
 * Removes the parts of a body that the API rejects, so that the rest is still tested.
 *
 * @returns undefined when too little remains
 */
export function repaired({ kind, body }: Spec): Spec | undefined {
  const copy: unknown = structuredClone(body);
  let last = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const parsed = parse(kind, 'it', copy);
    if (parsed.ok) return { kind, body: copy };
    const paths = new Set(parsed.violations.map(({ path }) => path));
    // Deepest and last first, so that earlier items keep their index.
    for (const path of [...paths].sort().reverse()) {
      const keys = path.split('/').slice(1).map(decoded);
      // A required member is removed together with its object.
      remove(copy, last.has(path) || !leads(copy, keys) ? keys.slice(0, -1) : keys);
    }
    last = paths;
  }
  return undefined;
}

const decoded = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~');

function leads(value: unknown, keys: readonly string[]): boolean {
  return keys.length === 0 || at(value, keys) !== undefined;
}

// Input may be anything; indexing a primitive or null yields undefined here.
const at = (value: unknown, keys: readonly string[]): unknown =>
  keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);

function remove(value: unknown, keys: readonly string[]): void {
  const holder = at(value, keys.slice(0, -1));
  const key = keys.at(-1);
  if (key === undefined || typeof holder !== 'object' || holder === null) return;
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete (holder as Record<string, unknown>)[key];
}
