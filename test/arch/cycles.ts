import { dirname } from 'node:path';
import type { Import } from './imports.ts';

/**
 * The unit between which cycles are forbidden. A file directly in a top folder counts for itself, because there entry
 * points (`api/main.node.ts`) lie beside files that everything imports (`api/problem.ts`).
 */
function unitOf(file: string): string {
  const folder = dirname(file);
  return folder.includes('/') && !isSchema(file) ? folder : file;
}

/** A resource's schema counts for itself: the resource's verbs use the store, and the store's rows follow from the schema. */
const isSchema = (file: string): boolean => /^api\/[^/]+\/([\w-]+-)?schema\.ts$/.test(file);

/**
 * A folder and one inside it may import each other: `publishing/` lists the gates of `publishing/gates/`, and each gate
 * uses what `publishing/` defines for gates. Two folders side by side may not.
 *
 * @returns `a → b` for every import that crosses units, each once, sorted
 */
export function crossings(imports: Import[]): string[] {
  const own = new Set(imports.map(({ from }) => from));
  const pairs = imports
    .filter(({ to }) => own.has(to))
    .map(({ from, to }) => [unitOf(from), unitOf(to)])
    .filter(([from, to]) => !isWithin(from!, to!) && !isWithin(to!, from!));
  return [...new Set(pairs.map(([from, to]) => `${from} → ${to}`))].sort();
}

const isWithin = (inner: string, outer: string): boolean => inner === outer || inner.startsWith(`${outer}/`);

/** @returns the crossings that are part of a cycle: both ends are in one strongly connected component */
export function cyclic(edges: string[]): string[] {
  const pairs = edges.map((edge) => edge.split(' → ') as [string, string]);
  const component = components(pairs);
  return edges.filter((_, at) => component.get(pairs[at]![0]) === component.get(pairs[at]![1]));
}

/** Tarjan's algorithm. @returns for every unit, the number of its strongly connected component */
function components(pairs: [string, string][]): Map<string, number> {
  const next = Map.groupBy(pairs, ([from]) => from);
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const component = new Map<string, number>();
  const stack: string[] = [];
  const visit = (unit: string): void => {
    index.set(unit, index.size);
    low.set(unit, index.get(unit)!);
    stack.push(unit);
    for (const [, to] of next.get(unit) ?? []) {
      if (!index.has(to)) visit(to);
      if (!component.has(to)) low.set(unit, Math.min(low.get(unit)!, low.get(to)!));
    }
    if (low.get(unit) !== index.get(unit)) return;
    for (const member of stack.splice(stack.lastIndexOf(unit))) component.set(member, index.get(unit)!);
  };
  for (const unit of new Set(pairs.flat())) if (!index.has(unit)) visit(unit);
  return component;
}
