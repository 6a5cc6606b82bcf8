import type { z } from '@hono/zod-openapi';
import { MESH_PORT } from '../../model/binding/mesh.ts';
import type { Arrival } from '../../model/explain/arrival.ts';
import type { ForwardedConnection } from '../../model/explain/connection.ts';
import type { Explanation } from '../../model/explain/explain.ts';
import { delegatedBy, placeOf } from '../../model/explain/serving.ts';
import type { RankedRule } from '../../model/matching/precedence.ts';
import { isForeign } from '../../model/values/reference.ts';
import { subjectOf } from '../../model/violations.ts';
import type { Diff } from './diff.ts';
import type { Explained, ExplainInput } from './explain.ts';
import type { Explanation as ExplanationSchema, RevisionDiff } from './schema.ts';

type View = z.output<typeof ExplanationSchema>;

/**
 * Turns an explanation into the form that the response shows. When no fleet serves the tenant, there is no explanation
 * of the model, and the response has the outcome `refused`.
 */
export function explanationView(
  { explanation, registered, ...context }: Explained,
  { gateway, port = gateway && MESH_PORT, scheme = 'http' }: Pick<ExplainInput, 'gateway' | 'port' | 'scheme'>,
): View {
  if (explanation) return { ...context, ...withRegistered(viewOf(explanation), registered) };
  return {
    ...context,
    outcome: 'refused',
    why:
      port === MESH_PORT
        ? 'no fleet serves the mesh of the tenant: no fleet belongs to it alone, or no route is bound to `mesh`'
        : 'no fleet serves a gateway of the tenant: no fleet has the labels that a gateway selects',
    scheme,
    port: port ?? (scheme === 'https' ? 443 : 80),
    tried: [],
    moreTried: 0,
  };
}

/** Adds the number of registered endpoints to the destinations and the mirrors of a response. */
function withRegistered(view: View, count: Explained['registered']): View {
  if (!count) return view;
  const counted = <T extends { upstream: string; subset?: string | undefined }>(each: T) => {
    const registeredEndpoints = count(each.upstream, each.subset);
    return { ...each, ...(registeredEndpoints > 0 && { registeredEndpoints }) };
  };
  const { connection } = view;
  if (connection) return { ...view, connection: { ...connection, destinations: connection.destinations.map(counted) } };
  if (!view.forwarded) return view;
  const { destinations, mirrors, ...forwarded } = view.forwarded;
  return {
    ...view,
    forwarded: {
      ...forwarded,
      destinations: destinations.map(counted),
      ...(mirrors && { mirrors: mirrors.map(counted) }),
    },
  };
}

/** Turns an explanation into the form of the response, without its revision and fleet. */
function viewOf(explanation: Explanation): View {
  const { outcome, why, scheme, port, host, entrance, arrival, tried, moreTried } = explanation;
  return {
    outcome,
    ...(explanation.status !== undefined && { status: explanation.status }),
    why,
    scheme,
    port,
    ...(host !== undefined && { host }),
    ...(entrance && { gateway: gatewayView(entrance) }),
    ...(explanation.outcome === 'matched' && { rule: ruleView(explanation.rule) }),
    ...(explanation.outcome === 'forwarded' && connectionView(explanation.connection)),
    ...(arrival && { received: receivedView(arrival), dropped: arrival.dropped }),
    ...effectView(explanation),
    tried: tried.map(triedView),
    moreTried,
  };
}

type Tried = Explanation['tried'][number];

/** Shows a condition that did not match. What a condition of another tenant compares is left out. */
function triedView({ rule: _, ...tried }: Tried): View['tried'][number] {
  return isForeign(subjectOf(tried.resource).name ?? '')
    ? { ...tried, field: '', why: 'the condition of the other tenant does not match', expected: 'a matching request' }
    : tried;
}

const gatewayView = ({ resource, server, path, host }: NonNullable<Explanation['entrance']>) => ({
  resource,
  server,
  path,
  host,
});

/** Shows the rule that serves the request. */
function ruleView(rule: RankedRule): NonNullable<View['rule']> {
  const { rule: index, match, spec } = rule;
  return {
    ...placeOf(rule),
    rule: index,
    ...(spec.match && { match }),
    ...(spec.name !== undefined && { name: spec.name }),
    ...delegatedBy(rule),
  };
}

/** Shows a forwarded connection. An upstream that the server name names has no rule. */
const connectionView = ({ rule, ...connection }: ForwardedConnection): Pick<View, 'rule' | 'connection'> => ({
  ...(rule && { rule: { resource: rule.resource, path: rule.path, rule: rule.index } }),
  connection,
});

const receivedView = ({ method, authority, path, query, headers }: Arrival) => ({
  method,
  authority,
  path: path + query,
  headers,
});

/** Shows the effect of the rule: the forwarded request, or the answer of the edge. */
function effectView(explanation: Explanation): Pick<View, 'forwarded' | 'answer' | 'responseHeaders' | 'corsHeaders'> {
  if ('answer' in explanation) return { answer: explanation.answer };
  if (explanation.outcome !== 'matched') return {};
  const { effect, rule, cors } = explanation;
  // Only its own tenant may see where a rule of another tenant sends requests. Clients see the answers of the edge.
  if (isForeign(rule.route)) return 'destinations' in effect ? {} : { answer: effect };
  const responseHeaders = rule.spec.headers?.response;
  return {
    ...('destinations' in effect ? { forwarded: effect } : { answer: effect }),
    ...(responseHeaders && { responseHeaders }),
    ...(cors && { corsHeaders: cors }),
  };
}

/**
 * The maximum number of conditions that a difference lists per explanation, of those that were tried and do not match.
 */
const MAX_TRIED = 3;

/** Turns the difference between two revisions into the form that the response shows. */
export const diffView = ({ changes, ...diff }: Diff): z.output<typeof RevisionDiff> => ({
  ...diff,
  requests: changes.map(({ fleet, host, witness, before, after }) => ({
    fleet,
    host,
    witness,
    before: shortened(viewOf(before)),
    after: shortened(viewOf(after)),
  })),
});

/** Shortens the list of tried conditions. */
const shortened = ({ tried, moreTried, ...view }: View): View => ({
  ...view,
  tried: tried.slice(0, MAX_TRIED),
  moreTried: moreTried + Math.max(0, tried.length - MAX_TRIED),
});
