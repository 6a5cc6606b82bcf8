import type { Kind } from '../../model/kinds/index.ts';
import { MAX_LISTED, resourceName } from '../../model/violations.ts';
import type { Context } from '../context.ts';
import { Pace } from '../pace.ts';
import { clientGone, Problem, type ProblemViolation } from '../problem.ts';
import type { SealedKey } from '../store/keys.ts';
import { accept, readSpec } from './accept.ts';
import { noteWrittenPorts } from './accept-gateway.ts';
import type { Change, Head, Put } from './heads/head.ts';
import type { Placement } from './placement.ts';

/** One resource that a larger body writes. */
export interface Written {
  kind: Kind;
  name: string;
  spec: unknown;
  /** JSON pointer to the spec in the body. */
  at: string;
}

/** The parsed changes of a body, and the violations in those parts that could not be parsed. */
export interface Proposed {
  changes: Change[];
  keys: SealedKey[];
  malformed: ProblemViolation[];
  /** Warnings about parts of the body that the stored specs lack. */
  notes: ProblemViolation[];
  /** The number of violations beyond those in `malformed`. */
  more: number;
  placed: Placement;
}

/**
 * Parses each written spec. It reports a spec that cannot be parsed, and leaves it out of the changes. A body may
 * contain many specs, so the function pauses to let other requests run.
 *
 * @param head the configuration before the change
 * @param written the resources that the body writes
 * @returns the changes, and the violations of the specs that cannot be parsed
 * @throws Problem `request-timeout` when the client has disconnected
 * @throws the errors of the store, and problems that list no violations
 */
export async function propose(ctx: Context, head: Head, written: readonly Written[]): Promise<Proposed> {
  const proposed: Omit<Proposed, 'placed'> = { changes: [], keys: [], malformed: [], notes: [], more: 0 };
  const pace = new Pace();
  const note = (...violations: ProblemViolation[]) => {
    const room = MAX_LISTED - proposed.malformed.length;
    proposed.malformed.push(...violations.slice(0, room));
    proposed.more += Math.max(0, violations.length - room);
  };
  const places = new Map<string, string>();
  noteWrittenPorts(
    ctx,
    written.flatMap(({ kind, spec }) => (kind === 'gateway' ? [spec] : [])),
  );
  for (const { kind, name, spec, at } of written) {
    if (pace.isDue) await pace.rest();
    if (ctx.signal?.aborted) throw clientGone();
    const resource = resourceName(kind, name);
    if (places.has(resource))
      note({
        resource,
        path: '',
        pointer: at,
        code: 'duplicate',
        message: `${resource} is written twice`,
      });
    places.set(resource, at);
    const read = readSpec(kind, name, spec, at, MAX_LISTED - proposed.malformed.length);
    if ('violations' in read) {
      note(...read.violations);
      continue;
    }
    proposed.notes.push(...read.warnings);
    try {
      const { change, keys } = await accept(ctx, head, kind, name, read.spec);
      proposed.changes.push(change);
      proposed.keys.push(...keys);
    } catch (thrown) {
      if (!(thrown instanceof Problem) || !thrown.violations) throw thrown;
      // References to it resolve, so that the response reports only why it is rejected. Its stored form is the spec.
      if ('acme' in read.spec) proposed.changes.push({ verb: 'put', kind, name, spec: read.spec } as Put);
      note(...thrown.violations.map((violation) => ({ ...violation, resource, pointer: at + violation.path })));
    }
  }
  return { ...proposed, placed: (resource) => places.get(resource) };
}
