import { sql } from 'drizzle-orm';
import { declare } from './declare.ts';

/**
 * A row is the state of a resource from one revision up to, but not including, another. The configuration at revision R
 * consists of the rows with from ≤ R < to. A delete also writes a row, with its own revision as from and to. This row
 * belongs to no configuration, but queries for changes find it.
 *
 * The table has only two indexes. Each index adds a page to the log for every commit, and this limits the commits per
 * second.
 */
export const resourceVersion = declare(({ table, text, integer, primaryKey, uniqueIndex }) =>
  table(
    'resource_version',
    {
      tenant: text('tenant').notNull(),
      kind: text('kind').notNull(),
      name: text('name').notNull(),
      fromRevision: integer('from_revision').notNull(),
      toRevision: integer('to_revision'),
      spec: text('spec').notNull(),
      info: text('info'),
      labels: text('labels').notNull(),
      updatedAt: integer('updated_at').notNull(),
    },
    (t) => [
      primaryKey({ columns: [t.tenant, t.fromRevision, t.kind, t.name] }),
      // This index finds the rows of the head, and allows at most one open row per resource.
      uniqueIndex('resource_version_head').on(t.tenant, t.kind, t.name).where(sql`${t.toRevision} is null`),
    ],
  ),
).with({
  tenant: 'deleted',
  copied: true,
  doctor: 'examined',
});
