/** Explains what a rule does with a request that it serves. */
import type { Configuration } from '../configuration.ts';
import type { Fleet } from '../fleet.ts';
import { type ConditionPlace, conditionPath } from '../matching/delegation.ts';
import { translatesGrpcWeb } from '../matching/grpc-web.ts';
import type { RankedRule } from '../matching/precedence.ts';
import type { Step } from '../matching/preflight.ts';
import type { ArrivedAt } from '../matching/redirect.ts';
import type { Pausable } from '../pausable.ts';
import type { Rule } from '../route/rule.ts';
import { sharesOf } from '../route/shares.ts';
import { resourceName } from '../violations.ts';
import type { Arrival } from './arrival.ts';
import { isPreflight as asksFirst, corsHeaders, preflightAnswer } from './cors.ts';
import { type EdgeResponse, responseTo } from './edge-response.ts';
import { breaksPath, directResponseTo, type Forwarded, forwarding, redirectOf } from './effect.ts';
import { certainAbortOf } from './fault.ts';
import { asGrpc } from './grpc-web.ts';
import type { EdgeRejection } from './rejection.ts';
import { rejectedUpgrade } from './request-headers.ts';

/** The parts of an explanation that the rule determines. */
export type Served = { why: string } & (
  | { outcome: 'matched'; rule: RankedRule; effect: Forwarded | EdgeResponse; cors?: Record<string, string> }
  | { outcome: 'rejected'; status: EdgeRejection['status']; answer: EdgeResponse }
);

/** Explains what becomes of a request that matches a condition of its scope. It pauses as {@link forwarding} does. */
export function* serving(
  { configuration, tenant, fleet }: { configuration: Configuration; tenant: string; fleet: Fleet },
  scope: ArrivedAt,
  arrival: Arrival,
  { rule, isPreflight }: Step,
): Pausable<Served> {
  const rejected = (status: 403 | 404, why: string): Served => ({
    ...{ outcome: 'rejected', status, why },
    answer: responseTo(arrival, { status }),
  });
  const { spec } = rule;
  const upgrade = rejectedUpgrade(arrival.headers, isPreflight ? undefined : spec.upgrades);
  if (upgrade !== undefined) {
    const answer: EdgeResponse = { status: 403, body: '' };
    return { outcome: 'rejected', status: 403, why: `the rule allows no upgrade to ${upgrade}`, answer };
  }
  const place = `${placeOf(rule).resource} ${placeOf(rule).path}`;
  if (spec.cors && asksFirst(arrival) && (isPreflight || spec.route)) {
    const effect = yield* preflightAnswer(spec.cors, arrival);
    return { outcome: 'matched', rule, effect, why: `cors of ${place} answers the preflight` };
  }
  if (isPreflight)
    return spec.cors
      ? rejected(404, 'the preflight names no method')
      : rejected(403, `the preflight is for a request that ${place} serves, which has no cors`);
  const [share, ...others] = sharesOf(spec);
  if (others.length === 0 && (yield* breaksPath(share!.spec, rule.condition, arrival.path)))
    return rejected(403, 'the rewritten path would have a dot segment or two slashes in a row');
  const forwarded = translatesGrpcWeb(configuration, rule) ? asGrpc(arrival) : arrival;
  const effect = spec.redirect
    ? yield* redirectOf(rule, arrival, scope)
    : spec.directResponse
      ? directResponseTo(spec.directResponse, arrival)
      : (abortOf(spec, forwarded, forwarded !== arrival) ??
        (yield* forwarding(configuration, tenant, fleet, rule, forwarded)));
  const cors = spec.cors && (yield* corsHeaders(spec.cors, arrival));
  return { outcome: 'matched', rule, effect, why: `${place} serves the request`, ...(cors && { cors }) };
}

/** Returns the response of a fault that aborts every request. gRPC-Web clients get the gRPC status unknown (2). */
function abortOf(spec: Rule, arrival: Arrival, isTranslated: boolean): EdgeResponse | undefined {
  const abort = certainAbortOf(spec, arrival);
  return abort && isTranslated ? { ...abort, status: 200, grpcStatus: 2 } : abort;
}

/**
 * Returns the resource and the JSON pointer of a condition. For a rule without conditions, the pointer leads to the
 * rule.
 */
export const placeOf = (ranked: ConditionPlace): { resource: string; path: string } => ({
  resource: resourceName('route', ranked.route),
  path: conditionPath(ranked),
});

/** Returns the places of the conditions that delegate to a rule; absent when the route of the rule is bound itself. */
export const delegatedBy = ({ via }: RankedRule): { delegatedBy?: { resource: string; path: string }[] } =>
  via ? { delegatedBy: via.map(placeOf) } : {};
