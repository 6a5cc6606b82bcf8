/** The filters that fields of a rule, other than its policies, add to the filter chain of a route. */
import type { Rule } from '../../../model/route/rule.ts';
import type { Applied } from '../composite.ts';
import type { AnyPolicy } from '../policies/policy.ts';
import { fault } from './fault.ts';

/** The filters behind those of the policies, in order. */
export const afterPolicies: readonly AnyPolicy[] = [
  fault, // last: it stands for the upstream, so requests that a policy rejects are not delayed
];

/** Returns the filters of a rule in the form of policies. A rule that forwards nothing has none. */
export const filtersOf = ({ route, fault: spec }: Pick<Rule, 'route' | 'fault'>): Applied[] =>
  route && spec ? [{ kind: fault.kind, spec }] : [];
