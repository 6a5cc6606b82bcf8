import type { Kind } from '../../model/kinds.ts';
import { resourceName } from '../../model/violations.ts';
import { accept, readSpec } from '../configuration/accept.ts';
import type { Placement } from '../configuration/check.ts';
import type { Change, Head } from '../configuration/head.ts';
import type { Context } from '../context.ts';
import { Problem, type ProblemViolation } from '../http/problem.ts';
import type { SealedKey } from '../store/port.ts';

/** A write as it stands in a larger body. */
export interface Written {
  kind: Kind;
  name: string;
  spec: unknown;
  /** JSON pointer to the spec. */
  at: string;
}

export interface Proposed {
  changes: Change[];
  keys: SealedKey[];
  malformed: ProblemViolation[];
  placed: Placement;
}

/** Reads each written spec; what cannot be read is told, all of it, and left out. */
export async function propose(ctx: Context, head: Head, written: readonly Written[]): Promise<Proposed> {
  const proposed: Omit<Proposed, 'placed'> = { changes: [], keys: [], malformed: [] };
  const places = new Map<string, string>();
  for (const { kind, name, spec, at } of written) {
    const resource = resourceName(kind, name);
    if (places.has(resource))
      proposed.malformed.push({
        resource,
        path: '',
        pointer: at,
        code: 'duplicate',
        message: `${resource} is written twice`,
      });
    places.set(resource, at);
    const read = readSpec(kind, name, spec, at);
    if ('violations' in read) {
      proposed.malformed.push(...read.violations);
      continue;
    }
    try {
      const { change, keys } = await accept(ctx, head, kind, name, read.spec);
      proposed.changes.push(change);
      proposed.keys.push(...keys);
    } catch (thrown) {
      if (!(thrown instanceof Problem) || !thrown.violations) throw thrown;
      proposed.malformed.push(
        ...thrown.violations.map((violation) => ({ ...violation, resource, pointer: at + violation.path })),
      );
    }
  }
  return { ...proposed, placed: (resource) => places.get(resource) };
}
