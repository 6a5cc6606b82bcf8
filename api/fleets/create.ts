import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { roomIn } from '../plans/room.ts';
import { Problem } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import type { Fleet } from '../store/fleets.ts';
import { applyChange, type Stopped } from './change.ts';
import { requireDistinctPorts } from './distinct-ports.ts';
import { settable } from './settable.ts';
import { fleetTarget } from './target.ts';

/**
 * The networks that upstreams must not reach by default. They contain services that are private to the machine:
 * Envoy's admin interface, the agent, and the metadata service of a cloud.
 */
const LOCAL_DESTINATIONS = ['127.0.0.0/8', '::1/128', '169.254.0.0/16', 'fe80::/10', '0.0.0.0/8', '::/128'];

/** The fleet to create, as the body and the query of the request describe it. */
export interface CreateInput {
  name: string;
  /** The labels that the selectors of gateways match. Default: none. */
  labels?: Record<string, string> | undefined;
  ports: Fleet['ports'];
  portRanges?: Fleet['portRanges'];
  /** The IP address on which Envoy opens the public ports. Default: 0.0.0.0. */
  address?: string | undefined;
  /** The tenant to which the fleet is dedicated. Default: none, so the fleet is shared. */
  tenant?: string | undefined;
  /** Present when the tenant creates the fleet, and manages it. */
  managedBy?: 'tenant' | undefined;
  /** Networks in CIDR notation that no upstream of the fleet may point to. Default: the local networks. */
  denyDestinations?: string[] | undefined;
  /** Whether to create the fleet even if resources of tenants become unserved. Default: false. */
  force?: boolean | undefined;
}

/** The new fleet, and the resources that became unserved when it was created. */
export type Created = { fleet: Fleet } & Stopped;

/**
 * Creates a fleet, after checking its effect on every tenant.
 *
 * @param ctx the request
 * @param input the fleet to create
 * @param reply makes the reply of the request. The batch stores it for a repeated request with the same
 *   `Idempotency-Key`.
 * @throws Problem `name-taken` when a fleet of this name exists
 * @throws Problem `invalid-request` when the tenant to which the fleet is dedicated does not exist
 * @throws Problem of {@link applyChange}
 */
export async function create(
  ctx: Context,
  {
    name,
    labels = {},
    ports,
    portRanges = [],
    address,
    tenant,
    managedBy,
    denyDestinations = LOCAL_DESTINATIONS,
    force = false,
  }: CreateInput,
  reply: ReplyTo<Created>,
): Promise<Created> {
  await requireTenant(ctx, tenant);
  requireDistinctPorts({ ports, portRanges });
  const fleet: Fleet = {
    name,
    labels,
    ports,
    ...(portRanges.length > 0 && { portRanges }),
    ...(address !== undefined && { address }),
    ...(tenant !== undefined && { tenant }),
    ...(managedBy && { managedBy }),
    denyDestinations,
    createdAt: ctx.now,
    version: 1,
    seq: await ctx.store.fleets.firstSeq(),
  };
  const applied = await applyChange(ctx, { after: fleet, force }, async (judged, stopped) => {
    const record = {
      ...(await ctx.record('create', fleetTarget(fleet), () => reply({ fleet, ...stopped }))),
      diff: objectDiff({}, settable(fleet)),
    };
    const room = managedBy && tenant !== undefined ? roomIn(ctx, 'fleets', tenant) : undefined;
    return ctx.store.fleets.create(fleet, record, judged, room);
  });
  if (!applied) throw new Problem('name-taken', { detail: `the fleet ${name} already exists` });
  return { fleet, ...applied };
}

/**
 * Checks that a tenant exists. Does nothing when the name is undefined.
 *
 * @throws Problem `invalid-request` when the tenant does not exist
 */
export async function requireTenant(ctx: Context, tenant: string | undefined): Promise<void> {
  if (tenant === undefined || (await ctx.store.tenants.find(tenant))) return;
  const message = `there is no tenant ${tenant}`;
  throw new Problem('invalid-request', {
    violations: [{ path: '/tenant', pointer: '/tenant', code: 'unknown-tenant', message }],
  });
}
