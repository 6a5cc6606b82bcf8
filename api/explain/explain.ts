import { MESH_PORT, meshFleets } from '../../model/binding/mesh.ts';
import { ownOnly } from '../../model/binding/shared-gateway.ts';
import type { Configuration } from '../../model/configuration.ts';
import { type ClientRequest, type Explanation, explaining } from '../../model/explain/explain.ts';
import type { Plural } from '../../model/kinds/index.ts';
import type { RegisteredGroup } from '../../model/registered-endpoints.ts';
import { carries } from '../../model/values/labels.ts';
import { enumerate } from '../../model/values/quote.ts';
import { MESH } from '../../model/values/reference.ts';
import type { Context } from '../context.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { inSlices } from '../pace.ts';
import { Problem } from '../problem.ts';
import { combinedNow } from '../publishing/sharing/owners.ts';
import type { Fleet } from '../store/fleets.ts';
import { read } from '../tenants/read.ts';
import { whyClosed } from '../tenants/why-closed.ts';
import { parentFleets, servingFleets, visibleFleets } from './fleets.ts';
import { othersAt } from './neighbours.ts';
import { proposed } from './proposed.ts';
import { suspendedConfiguration, whileSuspended, withOthersSuspended } from './suspended.ts';
import { unclearTransport } from './transport.ts';

/** The request to explain, and the configuration under which to explain it. */
export interface ExplainInput extends ClientRequest {
  tenant: string;
  fleet?: string | undefined;
  /** `mesh`: the request comes to a sidecar. */
  gateway?: typeof MESH | undefined;
  revision?: number | undefined;
  configuration?: { [P in Plural]?: Record<string, unknown> | undefined } | undefined;
  /** Aborted when the client disconnects. The API computes nothing for such a client. */
  signal: AbortSignal;
}

/** The explanation, and the revision and the fleet for which it holds. */
export interface Explained {
  /** The explained revision. Absent when the configuration came from the body. */
  revision?: number;
  /** The name of the fleet. Absent when no fleet serves the tenant. */
  fleet?: string;
  /** Absent when no fleet serves the tenant. */
  explanation?: Explanation;
  /** How many endpoints are registered at an upstream, or a subset of it. Absent when none are. */
  registered?: (upstream: string, subset?: string) => number;
}

/**
 * Explains which rule serves a request, without sending the request. The configuration is the head, an earlier
 * revision, or a configuration from the body, which is not stored.
 *
 * @throws Problem `not-found`, `revision-pruned`, `invalid-configuration`
 * @throws Problem `invalid-request`, also when the fleet is unknown, or when several fleets serve the tenant and the
 *   input names none, or when the port is open for TCP and for UDP and the input does not say which
 * @throws Problem `request-timeout` when the client has disconnected
 */
export async function explain(ctx: Context, input: ExplainInput): Promise<Explained> {
  const { tenant, signal, revision, configuration } = input;
  if (revision !== undefined && configuration !== undefined)
    throw invalid('/revision', 'exclusive', 'must be a revision or a configuration, not both');
  // A hostile configuration may need much CPU time. So the API explains only one request per tenant at a time, and none
  // for a client that has disconnected.
  return oneAtATime(ctx, `explain ${tenant}`, signal, () => explainNow(ctx, input));
}

/** Computes the explanation. */
async function explainNow(ctx: Context, input: ExplainInput): Promise<Explained> {
  const { tenant, fleet: named, gateway, revision, configuration: document, signal: _, ...question } = input;
  const head = await ctx.services.heads.at(tenant, revision);
  // A configuration in the body is explained as if the tenant was resumed.
  const closed = document || !head.isClosed ? undefined : whyClosed(ctx.services.settings, await read(ctx, { tenant }));
  const served = closed === undefined ? head.configuration : suspendedConfiguration(head.configuration);
  const configuration = document
    ? await proposed(ctx, head, document)
    : await combinedNow(ctx.services, tenant, served);
  const { all } = await ctx.services.fleets.of(tenant, ctx.now);
  const isMesh = gateway === MESH || question.port === MESH_PORT;
  const serving = isMesh
    ? meshFleets(visibleFleets(all, tenant), tenant, [configuration])
    : [
        ...new Set([
          ...servingFleets(all, tenant, [configuration], { mesh: false }),
          ...(await parentFleets(ctx, all, tenant, configuration)),
        ]),
      ];
  const fleet = choose(visibleFleets(all, tenant), serving, named);
  const of = document ? {} : { revision: head.revision };
  if (!fleet) return of;
  const unclear = unclearTransport(fleet, question);
  if (unclear) throw invalid('/transport', unclear.code, unclear.message);
  const others = await othersAt(ctx, tenant, fleet, configuration, question);
  const onFleet = fleet.tenant === undefined ? configuration : ownOnly(configuration);
  const asked = isMesh ? { ...question, port: MESH_PORT, scheme: 'http' as const } : question;
  const found = await inSlices(explaining(onFleet, tenant, fleet, asked, others));
  const explanation =
    closed === undefined ? await withOthersSuspended(ctx.services.heads, tenant, found) : whileSuspended(found, closed);
  const forwards =
    explanation.outcome === 'forwarded' || (explanation.outcome === 'matched' && 'destinations' in explanation.effect);
  const registered = forwards ? await ctx.store.endpoints.groups(tenant) : [];
  return {
    ...of,
    fleet: fleet.name,
    explanation,
    ...(registered.length > 0 && { registered: countsIn(configuration, registered) }),
  };
}

/** Counts the registered endpoints of upstreams of the tenant. */
const countsIn =
  (configuration: Configuration, groups: readonly RegisteredGroup[]): NonNullable<Explained['registered']> =>
  (upstream, subset) => {
    const found = configuration.get('upstream', upstream)?.subsets?.find(({ name }) => name === subset);
    return groups
      .filter((group) => group.upstream === upstream && carries(group.labels, found?.labels ?? {}))
      .reduce((sum, { count }) => sum + count, 0);
  };

/**
 * Returns the fleet for which to explain the request; undefined when no fleet serves the tenant.
 *
 * @throws Problem `invalid-request` when the named fleet is unknown, or when the caller must name one of several
 *   fleets
 */
function choose(visible: readonly Fleet[], serving: readonly Fleet[], named: string | undefined): Fleet | undefined {
  const names = enumerate(serving.map(({ name }) => name));
  if (named !== undefined) {
    const fleet = visible.find(({ name }) => name === named);
    const others = serving.length > 0 ? `; these serve the tenant: ${names}` : '; none serves the tenant';
    if (!fleet) throw invalid('/fleet', 'unknown-fleet', `there is no fleet ${named}${others}`);
    return fleet;
  }
  if (serving.length > 1)
    throw invalid('/fleet', 'fleet-required', `several fleets serve the tenant; name one of ${names}`);
  return serving[0];
}

/** Makes a problem with one violation in the body. */
const invalid = (pointer: string, code: string, message: string): Problem =>
  new Problem('invalid-request', { detail: 'in the body', violations: [{ path: pointer, pointer, code, message }] });
