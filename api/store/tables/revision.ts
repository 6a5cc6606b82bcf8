import { declare } from './declare.ts';

/**
 * The revisions of all tenants. The primary key decides between two writers: the second one that writes the same number
 * violates the key.
 */
export const revision = declare(({ table, text, integer, primaryKey }) =>
  table(
    'revision',
    {
      tenant: text('tenant').notNull(),
      number: integer('number').notNull(),
      parent: integer('parent').notNull(),
      author: text('author').notNull(),
      message: text('message').notNull(),
      createdAt: integer('created_at').notNull(),
      contentHash: text('content_hash').notNull(),
      changes: text('changes').notNull(),
      restores: integer('restores'),
      /** 1 when routes of this revision, or of its parent, name another tenant in `parents`. Null: not known. */
      namesParents: integer('names_parents'),
    },
    (t) => [primaryKey({ columns: [t.tenant, t.number] })],
  ),
).with({
  tenant: 'deleted',
  copied: true,
  doctor: 'examined',
});
