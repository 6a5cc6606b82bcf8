import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { KnownMember } from '../store/members.ts';
import { refusedBy } from './refused.ts';
import type { TenantRole } from './schema.ts';

/**
 * Changes the role of a member. All processes apply the new role to the sessions and tokens of the person.
 *
 * @throws Problem `not-found` when the person is not a member
 * @throws Problem `last-owner` when the tenant would have no owner
 * @throws Problem `too-many-tenants` when the person would own more tenants than a person may
 */
export async function patch(
  ctx: Context,
  { tenant, person, role }: { tenant: string; person: string; role: TenantRole },
): Promise<KnownMember> {
  const most = ctx.services.settings.tenantsPerPerson;
  const before = await ctx.store.members.find(tenant, person);
  const audit = {
    ...ctx.audit('update', `tenants/${tenant}/members/${person}`),
    diff: objectDiff({ role: before?.role }, { role }),
  };
  const refusal = await ctx.store.members.change(tenant, { person, role, most }, audit);
  ctx.services.grants.changed(person);
  if (refusal) throw await refusedBy(ctx, refusal, tenant, person);
  const member = await ctx.store.members.find(tenant, person);
  if (!member) throw absent(`member ${person} of the tenant ${tenant}`);
  return { ...member, role };
}
