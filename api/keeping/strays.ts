import { and, eq, isNotNull, isNull, not, type SQL, sql } from 'drizzle-orm';
import { all, type Kit, type Prepared, prepare } from '../store/query.ts';
import { declarations, type OwnedTable, type TableName, tableNames } from '../store/tables/index.ts';
import type { Check } from './check.ts';
import { error } from './finding.ts';
import { sqlName } from './tables.ts';

/** The maximum number of rows that are reported per table. */
const MOST = 100;

/** The tables whose rows must belong to an existing tenant, except for the rows that their `strays` declares. */
const judged = tableNames.filter((name) => {
  const { facts } = declarations[name];
  return (facts.tenant === 'deleted' || facts.tenant === 'cascaded') && facts.strays !== 'all';
});

/** Finds rows of tenants that do not exist. */
export const strays: Check = {
  tables: judged,
  async *run({ kit }) {
    for (const name of judged)
      for (const { name: tenant } of await all(kit, query(kit, name), {}))
        yield error(
          `${sqlName(name)}/${tenant}`,
          `it belongs to the tenant '${tenant}', which is not there`,
          'delete the rows',
        );
  },
};

function query({ db, t }: Kit, name: TableName): Prepared<{ name: string }> {
  // Only tables with a `tenant` column declare an owner, and `strays` of a table concerns only rows of this table.
  const table = t[name] as OwnedTable<'tenant'>;
  const { strays } = declarations[name].facts as { strays?: (of: typeof table) => SQL };
  return prepare(
    db
      .selectDistinct({ name: sql<string>`${table.tenant}`.as('name') })
      .from(table)
      .leftJoin(t.tenant, eq(t.tenant.name, table.tenant))
      .where(and(isNull(t.tenant.name), isNotNull(table.tenant), strays && not(strays(table))))
      .limit(MOST),
  );
}
