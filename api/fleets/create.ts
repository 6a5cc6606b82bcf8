import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import type { Fleet } from '../store/fleets.ts';
import { applyChange, type Stopped } from './change.ts';

/** Where an upstream could reach what is meant for the machine alone: Envoy's own admin, cloud metadata, the agent. */
const LOCAL_DESTINATIONS = ['127.0.0.0/8', '::1/128', '169.254.0.0/16', 'fe80::/10', '0.0.0.0/8', '::/128'];

export interface CreateInput {
  name: string;
  labels?: Record<string, string> | undefined;
  ports: Fleet['ports'];
  address?: string | undefined;
  tenant?: string | undefined;
  denyDestinations?: string[] | undefined;
  force?: boolean | undefined;
}

export type Created = { fleet: Fleet } & Stopped;

/**
 * @throws Problem `name-taken`, `invalid-request` when it is dedicated to a tenant there is not, and what {@link
 *   applyChange} throws
 */
export async function create(
  ctx: Context,
  { name, labels = {}, ports, address, tenant, denyDestinations = LOCAL_DESTINATIONS, force = false }: CreateInput,
  reply: ReplyTo<Created>,
): Promise<Created> {
  await requireTenant(ctx, tenant);
  const fleet: Fleet = {
    name,
    labels,
    ports,
    ...(address !== undefined && { address }),
    ...(tenant !== undefined && { tenant }),
    denyDestinations,
    createdAt: ctx.now,
    version: 1,
    seq: await ctx.store.fleets.firstSeq(),
  };
  const applied = await applyChange(ctx, { after: fleet, force }, async (judged, stopped) => {
    const record = await ctx.record('create', `fleets/${name}`, () => reply({ fleet, ...stopped }));
    return ctx.store.fleets.create(fleet, record, judged);
  });
  if (!applied) throw new Problem('name-taken', { detail: `the fleet ${name} already exists` });
  return { fleet, ...applied };
}

/** @throws Problem `invalid-request` when the tenant does not exist */
export async function requireTenant(ctx: Context, tenant: string | undefined): Promise<void> {
  if (tenant === undefined || (await ctx.store.tenants.find(tenant))) return;
  const message = `there is no tenant ${tenant}`;
  throw new Problem('invalid-request', {
    violations: [{ path: '/tenant', pointer: '/tenant', code: 'unknown-tenant', message }],
  });
}
