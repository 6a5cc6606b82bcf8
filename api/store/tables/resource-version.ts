import { sql } from 'drizzle-orm';
import { declare } from './declare.ts';

/**
 * A row is the state of a resource from one revision up to, not including, another: snapshot R consists of the rows
 * with from ≤ R < to. A delete leaves a row too, from and to its own revision: it is in no snapshot, but queries for
 * changes find it.
 *
 * Two indexes and no third: each index adds a page to the log for every commit, and that limits commits per second.
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
      // The rows of the head: at most one open row per resource.
      uniqueIndex('resource_version_head').on(t.tenant, t.kind, t.name).where(sql`${t.toRevision} is null`),
    ],
  ),
).with({
  tenant: 'deleted',
  copied: true,
  doctor: 'examined',
});
