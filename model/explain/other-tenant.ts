/**
 * Explains requests for hosts of other tenants. A tenant learns that another tenant has the host, the name of this
 * tenant if it uses a gateway or a route of the asking tenant, and which rules of its own serve the request by
 * delegation. It learns nothing about rules of the other tenant.
 */
import type { Configuration } from '../configuration.ts';
import { translatesGrpcWeb } from '../matching/grpc-web.ts';
import { mismatching } from '../matching/mismatch.ts';
import { withoutEscapedSlashes } from '../matching/path.ts';
import type { RankedRule } from '../matching/precedence.ts';
import type { Step } from '../matching/preflight.ts';
import type { Pausable } from '../pausable.ts';
import { normalise } from '../values/host.ts';
import { formatReference, parseReference } from '../values/reference.ts';
import type { Arrival } from './arrival.ts';
import type { Edge, FoundScope, Served } from './edge.ts';
import { delegatedBy, placeOf, type Served as Serving, serving } from './serving.ts';
import { type Tried, trying } from './trying.ts';

type OfOther = { tried: Tried[] } & (Serving | { outcome: 'other-tenant'; why: string });

/** Explains a request whose scope another tenant has, and whose connection may carry it. */
export function* ofOtherTenant(edge: Edge, { scope, of }: FoundScope, arrival: Arrival): Pausable<OfOther> {
  const { own, fleet } = edge;
  const host = normalise(arrival.authority);
  const isAttached = [...scope.admission.servers.values()].some(({ gateway }) => isOf(own, gateway));
  const isDelegating = of.configuration.names('route').some((route) => isOf(own, route));
  const other = isAttached
    ? `${scope.host} is attached to a gateway of this tenant by the tenant ${of.tenant}`
    : `${host} belongs to ${isDelegating ? `the tenant ${of.tenant}` : 'another tenant'}`;
  const redirects = withoutEscapedSlashes(arrival.path) !== undefined && scope.escapedSlashes !== 'keep';
  if (!isDelegating || redirects || scope.httpsRedirect !== undefined)
    return { outcome: 'other-tenant', why: `${other}, which serves the request`, tried: [] };
  const { step, tried } = yield* trying(of.configuration, scope, arrival);
  const ownTried = yield* seenConditions(own, of, tried, arrival);
  if (!step || !isOf(own, step.rule.route)) {
    const why = `${other}, and none of its rules that delegate to routes of this tenant serves the request`;
    return { outcome: 'other-tenant', why, tried: ownTried };
  }
  const served = yield* serving({ ...own, fleet }, scope, arrival, seenStep(own, of, step));
  return { ...served, why: `${other}; ${served.why}`, tried: ownTried };
}

const isOf = ({ tenant }: Served, reference: string): boolean => parseReference(reference).tenant === tenant;

/** Returns the name by which the asking tenant knows a route in the combined configuration of another one. */
function seenName(own: Served, of: Served, route: string): string {
  const { tenant = of.tenant, name } = parseReference(route);
  return tenant === own.tenant ? name : formatReference({ tenant, name });
}

/** Returns a condition of the asking tenant's route as in its own configuration, with the conditions that delegate to it. */
function seenStep(own: Served, of: Served, { rule, ...step }: Step): Step {
  const route = seenName(own, of, rule.route);
  const written = own.configuration.get('route', route)?.http?.[rule.rule] ?? rule.spec;
  // The protocol of the parent's server may translate gRPC-Web.
  const spec = written.route ? { ...written, grpcWeb: translatesGrpcWeb(of.configuration, rule) } : written;
  const via = rule.via?.map((each) => ({ ...each, route: seenName(own, of, each.route) }));
  const seen: RankedRule = { ...rule, route, spec, ...(via && { via }) };
  return { ...step, rule: seen };
}

/** Lists the tried conditions of the asking tenant's own routes. What only the other tenant's conditions test is left out. */
function* seenConditions(own: Served, of: Served, tried: readonly Tried[], arrival: Arrival): Pausable<Tried[]> {
  const seen: Tried[] = [];
  for (const { rule } of tried) {
    if (!isOf(own, rule.route)) continue;
    const route = seenName(own, of, rule.route);
    const condition = conditionAt(own.configuration, route, rule);
    const why = condition && (yield* mismatching(condition, arrival));
    const { rule: known } = seenStep(own, of, { rule, condition: rule.condition, isPreflight: false });
    seen.push({ ...placeOf(known), rule: known, ...(why ?? OF_PARENT), ...delegatedBy(known) });
  }
  return seen;
}

const OF_PARENT = {
  field: '',
  why: 'the condition, with those of the rules that delegate to it, does not match',
  expected: 'a matching request',
};

const conditionAt = (configuration: Configuration, route: string, { rule, match }: RankedRule) => {
  const spec = configuration.get('route', route)?.http?.[rule];
  return spec && (spec.match?.[match] ?? {});
};
