import { asc, eq } from 'drizzle-orm';
import type { OwnMembershipView, TenantRole } from '../members/schema.ts';
import type { Stored } from '../view.ts';
import { $, all, type Kit, prepare } from './query.ts';
import { withoutNulls } from './without-nulls.ts';

/** A tenant of a person. */
export type OwnMembership = Stored<OwnMembershipView>;

/** Makes the function that lists the tenants of a person, sorted by name. */
export function ownMemberships(kit: Kit): (person: string) => Promise<OwnMembership[]> {
  const { db, t } = kit;
  const { tenant, person, role } = t.member;
  const { suspendedAt, suspendedReason, deletedAt } = t.tenant;
  const ofPerson = prepare(
    db
      .select({ tenant, role, suspendedAt, suspendedReason, deletedAt })
      .from(t.member)
      .innerJoin(t.tenant, eq(t.tenant.name, tenant))
      .where(eq(person, $('person')))
      .orderBy(asc(tenant)),
  );
  return async (of) =>
    (await all(kit, ofPerson, { person: of })).map(({ role, ...row }) => ({
      ...withoutNulls<Omit<OwnMembership, 'role' | 'purgeAt'>>(row),
      // The column contains only roles, because every write has one of this type.
      role: role as TenantRole,
    }));
}
