import type { Context } from '../context.ts';
import { Problem } from '../http/problem.ts';
import type { ReplyTo } from '../http/route.ts';
import type { Fleet } from '../store/port.ts';
import { requireNoCapture } from './capture.ts';

/** Where an upstream could reach what is meant for the machine alone: Envoy's own admin, cloud metadata, the agent. */
const LOCAL_DESTINATIONS = ['127.0.0.0/8', '::1/128', '169.254.0.0/16', 'fe80::/10', '0.0.0.0/8', '::/128'];

export interface CreateInput {
  name: string;
  labels?: Record<string, string> | undefined;
  ports: Fleet['ports'];
  address?: string | undefined;
  tenant?: string | undefined;
  denyDestinations?: string[] | undefined;
}

/** @throws Problem `name-taken`, `invalid-request` when it is dedicated to a tenant there is not */
export async function create(
  ctx: Context,
  { name, labels = {}, ports, address, tenant, denyDestinations = LOCAL_DESTINATIONS }: CreateInput,
  reply: ReplyTo<Fleet>,
): Promise<Fleet> {
  ctx.authorize('operator');
  if (tenant !== undefined && !(await ctx.store.tenant(tenant)))
    throw new Problem('invalid-request', {
      violations: [
        { path: '/tenant', pointer: '/tenant', code: 'unknown-tenant', message: `there is no tenant ${tenant}` },
      ],
    });
  const fleet: Fleet = {
    name,
    labels,
    ports,
    ...(address !== undefined && { address }),
    ...(tenant !== undefined && { tenant }),
    denyDestinations,
    createdAt: ctx.now,
    version: 1,
    seq: await ctx.store.firstSeq(),
  };
  await requireNoCapture(ctx, fleet, undefined);
  const record = await ctx.record('create', `fleets/${name}`, () => reply(fleet));
  if (!(await ctx.store.createFleet(fleet, record)))
    throw new Problem('name-taken', { detail: `there is a fleet ${name} already` });
  ctx.house.fleets.changed();
  return fleet;
}
