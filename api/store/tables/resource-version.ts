import { sql } from 'drizzle-orm';
import { declare } from './declare.ts';

/**
 * A row is what a resource was from one revision up to, not including, another: the snapshot at R is from ≤ R < to. A
 * delete leaves a row too, from and to its own revision: in no snapshot, but found among what changed since.
 *
 * Two indexes and no third: each index costs every commit a page in the log, and that limits commits per second.
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
      // The head, and at most one open row per resource.
      uniqueIndex('resource_version_head').on(t.tenant, t.kind, t.name).where(sql`${t.toRevision} is null`),
    ],
  ),
).with({
  tenant: 'deleted',
  copied: true,
  doctor: 'examined',
});
