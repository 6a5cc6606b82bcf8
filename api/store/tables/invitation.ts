import { declare } from './declare.ts';
import { tenant } from './tenant.ts';

/** Invitations to tenants. The mail contains the secret, and the row its hash. */
export const invitation = declare((columns) => {
  const { table, text, integer, index, foreignKey } = columns;
  return table(
    'invitation',
    {
      id: text('id').primaryKey(),
      hash: text('hash').notNull().unique(),
      tenant: text('tenant').notNull(),
      email: text('email').notNull(),
      role: text('role').notNull(),
      /** The caller who invited, as the audit log names it. */
      invitedBy: text('invited_by').notNull(),
      createdAt: integer('created_at').notNull(),
      expiresAt: integer('expires_at').notNull(),
      acceptedAt: integer('accepted_at'),
      revokedAt: integer('revoked_at'),
    },
    (t) => [
      foreignKey({ columns: [t.tenant], foreignColumns: [tenant.define(columns).name] }).onDelete('cascade'),
      index('invitation_tenant').on(t.tenant, t.id),
      index('invitation_expires').on(t.expiresAt),
    ],
  );
}).with({
  // The foreign key deletes the rows, so that nobody can accept an invitation to a later tenant of the same name.
  tenant: 'cascaded',
  copied: true,
  doctor: 'not examined: it expires',
});
