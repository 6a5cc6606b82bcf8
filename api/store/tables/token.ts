import { declare } from './declare.ts';
import { fleet } from './fleet.ts';
import { tenant } from './tenant.ts';

export const token = declare((columns) => {
  const { table, text, integer, index, foreignKey } = columns;
  return table(
    'token',
    {
      id: text('id').primaryKey(),
      hash: text('hash').notNull().unique(),
      tenant: text('tenant'),
      fleet: text('fleet'),
      description: text('description').notNull(),
      scopes: text('scopes').notNull(),
      createdAt: integer('created_at').notNull(),
      expiresAt: integer('expires_at'),
      revokedAt: integer('revoked_at'),
      prefix: text('prefix').notNull(),
      /** The kinds of resources that the token may write, as a JSON array; null when it may write all. */
      kinds: text('kinds'),
      /** The caller who created the token, as the audit log names it; null for tokens of earlier versions. */
      createdBy: text('created_by'),
      /** The person whose rights limit the token: its creator, or the person who limits the token that created it. */
      person: text('person'),
      lastUsedAt: integer('last_used_at'),
    },
    (t) => [
      foreignKey({ columns: [t.tenant], foreignColumns: [tenant.define(columns).name] }).onDelete('cascade'),
      foreignKey({ columns: [t.fleet], foreignColumns: [fleet.define(columns).name] }).onDelete('cascade'),
      index('token_tenant').on(t.tenant, t.id),
      index('token_fleet').on(t.fleet, t.id),
      index('token_created_by').on(t.createdBy),
    ],
  );
}).with({
  // The foreign key deletes the rows, so that no token of a removed tenant gives access to a later tenant of the same
  // name.
  tenant: 'cascaded',
  fleet: 'cascaded',
  copied: true,
  doctor: 'examined',
});
