import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { DEFAULT_PLAN } from '../quotas.ts';
import type { ReplyTo } from '../reply.ts';
import type { Tenant } from '../store/tenants.ts';

/**
 * Creates a tenant without resources. `displayName` is the name by default.
 *
 * @param reply makes the reply that the batch stores for a repeated request with the same `Idempotency-Key`
 * @throws Problem `name-taken` when a tenant of this name exists
 */
export async function create(
  ctx: Context,
  {
    name,
    displayName = name,
    labels = {},
  }: { name: string; displayName?: string | undefined; labels?: Record<string, string> | undefined },
  reply: ReplyTo<Tenant>,
): Promise<Tenant> {
  const head = crypto.randomUUID();
  const tenant: Tenant = {
    ...{ name, displayName, labels, head },
    ...{ revision: 0, createdAt: ctx.now, version: 1, oldest: 1 },
    plan: DEFAULT_PLAN,
  };
  const record = await ctx.record('create', `tenants/${name}`, () => reply(tenant));
  if (!(await ctx.store.tenants.create(tenant, record)))
    throw new Problem('name-taken', { detail: `the tenant ${name} already exists` });
  ctx.services.heads.forget(name);
  ctx.store.news.notify(`tenant/${name}`);
  return tenant;
}
