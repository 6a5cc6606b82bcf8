import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { CertificateInfo } from '../../model/kinds/index.ts';
import { $, all, type Kit, prepare } from './query.ts';

/** What is known about the certificates of heads, for warnings. */
export interface CertificateRows {
  /** Lists the certificates in the heads of these tenants, sorted by tenant and name. */
  ofTenants(tenants: readonly string[]): Promise<{ tenant: string; name: string; info: CertificateInfo }[]>;
}

export function certificateRows(kit: Kit): CertificateRows {
  const { db, t, x } = kit;
  const { tenant, kind, name, info, toRevision } = t.resourceVersion;
  const isOfTenants = inArray(tenant, sql`(select ${sql.raw('item')} from ${x.items($('tenants'))})`);
  const certificates = prepare(
    db
      .select({ tenant, name, info })
      .from(t.resourceVersion)
      .where(and(isOfTenants, eq(kind, 'certificate'), isNull(toRevision)))
      .orderBy(asc(tenant), asc(name)),
  );
  return {
    async ofTenants(tenants) {
      const rows = await all(kit, certificates, { tenants: JSON.stringify(tenants) });
      return rows.flatMap((row) => (row.info === null ? [] : { ...row, info: JSON.parse(row.info) }));
    },
  };
}
