import { unauthorized } from '../access/authenticate.ts';
import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { DEFAULT_PLAN } from '../quotas.ts';
import type { ReplyTo } from '../reply.ts';
import type { Tenant } from '../store/tenants.ts';
import { isReserved } from './reserved.ts';

/**
 * Creates a tenant without resources. `displayName` is the name by default. A person becomes the owner of the tenant.
 *
 * @param reply makes the reply that the batch stores for a repeated request with the same `Idempotency-Key`
 * @throws Problem `name-taken` when a tenant of this name exists, or when a person may not have the name
 * @throws Problem `too-many-tenants` when the person owns as many as a person may
 * @throws Problem `unauthorized` when the account of the person was deleted meanwhile
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
  const { principal, services } = ctx;
  const most = services.settings.tenantsPerPerson;
  const owner = principal.type === 'person' ? { person: principal.id, most } : undefined;
  // The platform itself may have these names.
  if (owner && isReserved(name, services.settings))
    throw new Problem('name-taken', { detail: `the name ${name} is reserved` });
  const head = crypto.randomUUID();
  const tenant: Tenant = {
    ...{ name, displayName, labels, head },
    ...{ revision: 0, createdAt: ctx.now, version: 1, oldest: 1 },
    plan: DEFAULT_PLAN,
  };
  const record = {
    ...(await ctx.record('create', `tenants/${name}`, () => reply(tenant))),
    diff: objectDiff({}, { displayName, labels }),
  };
  const outcome = await ctx.store.tenants.create(tenant, record, owner);
  if (outcome === 'taken') throw new Problem('name-taken', { detail: `the tenant ${name} already exists` });
  if (outcome === 'nobody') throw unauthorized('the account was deleted');
  if (outcome === 'full')
    throw new Problem('too-many-tenants', { detail: `you own ${most} tenants already; a person may own ${most}` });
  if (owner) services.grants.changed(owner.person);
  services.heads.forget(name);
  ctx.store.news.notify(`tenant/${name}`);
  return tenant;
}
