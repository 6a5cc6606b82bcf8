/** Tries the conditions of a host in the order in which Envoy does. */
import type { Scope } from '../binding/scope-table.ts';
import type { Configuration } from '../configuration.ts';
import { mismatching } from '../matching/mismatch.ts';
import { conditionsInOrder, type RankedRule } from '../matching/precedence.ts';
import type { Step } from '../matching/preflight.ts';
import type { Pausable } from '../pausable.ts';
import type { Arrival } from './arrival.ts';
import { stepsFor } from './cors.ts';
import type { EdgeRejection } from './rejection.ts';
import { delegatedBy, placeOf } from './serving.ts';

/** A condition that was compared with the request and did not match. */
export interface Tried {
  /** `routes/reviews`. */
  resource: string;
  /** JSON pointer to the condition inside the resource. */
  path: string;
  /** JSON pointer to the first field of the condition that does not match, inside the resource. */
  field: string;
  why: string;
  expected: string;
  /** The condition itself. */
  rule: RankedRule;
  /** The conditions that delegate to it, the one of the bound route first. */
  delegatedBy?: { resource: string; path: string }[];
}

/** The largest number of listed conditions that did not match. */
const MAX_LISTED = 50;

/** The condition that matches a request, and those before it. */
export interface Trial {
  /** Absent when none matches. */
  step?: Step;
  /** Present when the edge rejects the request before it compares conditions. */
  rejected?: EdgeRejection;
  tried: Tried[];
  moreTried: number;
}

/** Finds the first condition of a scope that matches a request. It pauses once per field, and within long comparisons. */
export function* trying(configuration: Configuration, scope: Scope, arrival: Arrival): Pausable<Trial> {
  const tried: Tried[] = [];
  let moreTried = 0;
  const steps = stepsFor(conditionsInOrder(configuration, scope), arrival);
  if ('rejected' in steps) return { rejected: steps.rejected, tried, moreTried };
  for (const step of steps) {
    const { rule, condition } = step;
    const why = rule.misplaced ?? (yield* mismatching(condition, arrival));
    if (why === undefined) return { step, tried, moreTried };
    if (step.isPreflight) continue;
    if (tried.length === MAX_LISTED) moreTried++;
    else tried.push({ ...placeOf(rule), rule, ...why, ...delegatedBy(rule) });
  }
  return { tried, moreTried };
}
