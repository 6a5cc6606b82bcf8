/** The filters that fields of a rule, other than its policies, add to the filter chain of a route. */
import type { Cors } from '../../../model/route/cors.ts';
import type { Rule } from '../../../model/route/rule.ts';
import type { Applied } from '../composite.ts';
import type { AnyPolicy } from '../policies/policy.ts';
import { cors } from './cors.ts';
import { fault } from './fault.ts';
import { grpcWeb } from './grpc-web.ts';
import { limitBesideStream, timeout } from './timeout.ts';

/** The filters in front of those of the policies, in order. */
export const beforePolicies: readonly AnyPolicy[] = [
  cors, // before authentication: a preflight has no credentials
  grpcWeb, // before all that may answer: gRPC-Web clients then get its gRPC status
];

/** The filters behind those of the policies, in order. */
export const afterPolicies: readonly AnyPolicy[] = [
  fault, // last: it stands for the upstream, so requests that a policy rejects are not delayed
  timeout, // behind every filter that could pass the header on
];

/** Returns the filters of a rule in the form of policies. A rule that forwards nothing has none. */
export function filtersOf(rule: Pick<Rule, 'route' | 'fault' | 'cors' | 'timeout' | 'streamTimeout'>): Applied[] {
  if (!rule.route) return [];
  const limit = limitBesideStream(rule);
  return [
    ...(rule.cors ? [corsOf(rule.cors)] : []),
    ...(rule.fault ? [{ kind: fault.kind, spec: rule.fault }] : []),
    ...(limit === undefined ? [] : [{ kind: timeout.kind, spec: limit }]),
  ];
}

/** Returns the filter that answers preflights, in the form of a policy. */
export const corsOf = (spec: Cors): Applied => ({ kind: cors.kind, spec });

/** The filter that translates gRPC-Web, in the form of a policy. */
export const translation: Applied = { kind: grpcWeb.kind, spec: true };
