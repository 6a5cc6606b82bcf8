import { asc, eq, sql } from 'drizzle-orm';
import { $, all, type Kit, prepare } from './query.ts';

/** The other tenants that the routes of a tenant name. They need not exist. */
interface Named {
  /** The owners of the gateways that the routes name. */
  owners: string[];
  /** The tenants whose routes may delegate to the routes. */
  parents: string[];
}

/** The tenants that routes of other tenants name. */
export interface NamedTenants {
  /** Lists the tenants that the routes of a tenant name. */
  of(tenant: string): Promise<Named>;
  /** Lists the tenants whose routes name a tenant as parent. */
  asParent(parent: string): Promise<string[]>;
}

/** Creates the interface that reads named tenants. */
export function namedTenants(kit: Kit): NamedTenants {
  const { db, t } = kit;
  const { gatewayOwner: o, parentTenant: p } = t;
  const of = prepare(
    db
      .select({ name: o.owner, isParent: sql<number>`0`.as('is_parent') })
      .from(o)
      .where(eq(o.tenant, $('tenant')))
      .unionAll(
        db
          .select({ name: p.parent, isParent: sql<number>`1`.as('is_parent') })
          .from(p)
          .where(eq(p.tenant, $('tenant'))),
      ),
  );
  const to = prepare(
    db
      .select({ name: p.tenant })
      .from(p)
      .where(eq(p.parent, $('parent')))
      .orderBy(asc(p.tenant)),
  );
  return {
    async of(tenant) {
      const rows = await all(kit, of, { tenant });
      const where = (isParent: number) => rows.flatMap((row) => (row.isParent === isParent ? row.name : [])).sort();
      return { owners: where(0), parents: where(1) };
    },
    asParent: async (parent) => (await all(kit, to, { parent })).map(({ name }) => name),
  };
}
