import { asc, eq } from 'drizzle-orm';
import { $, all, type Kit, prepare } from './query.ts';

/** The tenants whose routes may delegate to routes of other tenants. */
export interface Parents {
  /** Lists the tenants that the routes of a tenant name as parents. */
  of(tenant: string): Promise<string[]>;
  /** Lists the tenants whose routes name a tenant as parent. */
  to(parent: string): Promise<string[]>;
}

/** Creates the interface that reads parents. */
export function parents(kit: Kit): Parents {
  const { db, t } = kit;
  const p = t.parentTenant;
  const of = prepare(
    db
      .select({ name: p.parent })
      .from(p)
      .where(eq(p.tenant, $('tenant')))
      .orderBy(asc(p.parent)),
  );
  const to = prepare(
    db
      .select({ name: p.tenant })
      .from(p)
      .where(eq(p.parent, $('parent')))
      .orderBy(asc(p.tenant)),
  );
  const names = (rows: { name: string }[]) => rows.map(({ name }) => name);
  return {
    of: async (tenant) => names(await all(kit, of, { tenant })),
    to: async (parent) => names(await all(kit, to, { parent })),
  };
}
